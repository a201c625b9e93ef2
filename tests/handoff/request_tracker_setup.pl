# Sets a fresh Request Tracker up for tests: queue, custom field, users with tokens, and the scrip of docs/desks.md.
# Arguments: the URL to post to, the secret to sign with. Prints one line for each user: its name and its token.
use strict;
use warnings;
use RT;
use File::Basename;

RT::LoadConfig();
RT::Init();
my ($url, $secret) = @ARGV;
my $system = RT->SystemUser;

sub made {
    my ($class, %values) = @_;
    my $made = $class->new($system);
    my @told = $made->Create(%values);
    die "$class: $told[1]\n" unless $told[0];
    return wantarray ? ($made, $told[2]) : $made;
}

my $queue = made('RT::Queue', Name => 'Human');
my $field = made(
    'RT::CustomField',
    Name       => 'HandoffId',
    Type       => 'FreeformSingle',
    LookupType => RT::Ticket->CustomFieldLookupType
);
$field->AddToObject($queue);
for my $name (qw(candor ana ben)) {
    my $user = made('RT::User', Name => $name, EmailAddress => "$name\@candor.test", Privileged => 1);
    $user->PrincipalObj->GrantRight(Right => 'SuperUser', Object => $RT::System);
    my (undef, $token) = made('RT::AuthToken', Owner => $user->id, Description => 'tests');
    print "$name $token\n";
}

# the scrip stands in the guide, where operators find it: what they read is what is tested
open my $guide, '<', dirname(__FILE__) . '/../../docs/desks.md' or die $!;
my ($code) = do { local $/; <$guide> } =~ /```perl\n(.*?)```/s or die 'no scrip in the guide';
$code =~ s{https://candor\.example/hooks/default/tracker}{$url};
$code =~ s{the webhook secret of the desk}{$secret};
made(
    'RT::Scrip',
    Queue                  => 'Human',
    Description            => 'Tell Candor',
    ScripCondition         => 'On Transaction',
    ScripAction            => 'User Defined',
    CustomPrepareCode      => 'return 1;',
    CustomCommitCode       => $code,
    Template               => 'Blank',
    Stage                  => 'TransactionCreate'
);
