"""What has to be told at once of handing over to people."""
