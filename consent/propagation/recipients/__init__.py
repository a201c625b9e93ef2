"""Who is told: recipients of a tenant, what concerns them, and the secrets their messages are signed with."""
