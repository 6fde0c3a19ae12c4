/**
 * Holds each packet of a netfilter queue back for a while, in perl, which has netlink sockets where Node has none. Its
 * arguments: the number of the queue, milliseconds, and by how many of them that varies. Says "ready" when it has the
 * queue. At the end of its input it lets all pass and ends; if it dies, packets pass by themselves (`--queue-bypass`).
 * Constants are those of linux/netlink.h and linux/netfilter/nfnetlink_queue.h.
 */
export const HOLDER_PROGRAM = String.raw`
use strict; use warnings;
my ($queue, $late, $jitter) = @ARGV;
$_ /= 1000 for $late, $jitter;

# Whole seconds are what plain perl has: its clock is in a module that small systems leave out.
my $now = eval { require Time::HiRes; sub { Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) } } || do {
  my $arch = qx(uname -m); chomp $arch;
  my $call = { x86_64 => 228, aarch64 => 113, riscv64 => 113 }->{$arch} or die "Time::HiRes is missing: apt install perl\n";
  sub { my $time = "\0" x 16; syscall $call, 1, $time; my ($s, $ns) = unpack 'qq', $time; $s + $ns / 1e9 }
};

socket my $netlink, 16, 3, 12 or die "no netlink socket: $!\n";
setsockopt $netlink, 1, 8, pack 'i', 1 << 24;
setsockopt $netlink, 270, 5, pack 'i', 1;

sub attribute { my ($type, $data) = @_; my $size = 4 + length $data; pack('SS', $size, $type) . $data . "\0" x (-$size % 4) }
sub message { my ($type, $flags, $body) = @_; pack 'LSSLLCCna*', 20 + length $body, 3 << 8 | $type, $flags, 0, 0, 0, 0, $queue, $body }
sub ask {
  send $netlink, message(2, 5, join '', @_), 0 or die "queue $queue: $!\n";
  defined recv $netlink, my $answer, 65536, 0 or die "queue $queue: $!\n";
  my ($error) = unpack 'x16 l', $answer;
  if ($error) { $! = -$error; die "queue $queue: $!\n" }
}
ask attribute 1, pack 'CCn', 1, 0, 2;            # bind
ask attribute 2, pack 'NC', 0, 1;                # no packet's content
ask attribute 3, pack 'N', 65536;                # packets at most
# Where it is full packets pass, and none is cut in pieces for being told of.
ask attribute(5, pack 'N', 5), attribute(4, pack 'N', 5);
$| = 1;
print "ready\n";

my @held;
my $last = 0;
sub pass { send $netlink, message(3, 1, attribute 2, pack 'NN', 1, $_[0]), 0 }
while (1) {
  my ($time, $upTo) = $now->();
  $upTo = (shift @held)->[1] while @held && $held[0][0] <= $time;
  pass $upTo if defined $upTo;
  my $ready = '';
  vec($ready, $_, 1) = 1 for 0, fileno $netlink;
  my $wait = @held ? $held[0][0] - $now->() : undef;
  next if select($ready, undef, undef, defined $wait && $wait < 0 ? 0 : $wait) < 1;
  if (vec($ready, 0, 1) && !sysread STDIN, my $said, 1) { pass $held[-1][1] if @held; exit 0 }
  next unless vec($ready, fileno $netlink, 1) && defined recv $netlink, my $told, 1 << 20, 0;
  $time = $now->();
  while (length $told >= 20) {
    my ($size, $type) = unpack 'LS', $told;
    last if $size < 20;
    my $at = $type == 3 << 8 ? 20 : $size;
    while ($at + 8 <= $size) {
      my ($length, $kind) = unpack 'SS', substr $told, $at, 4;
      if (($kind & 0x3fff) == 1) {
        # None overtakes another: one verdict lets all up to it pass.
        my $due = $time + $late + (2 * rand() - 1) * $jitter;
        $last = $due if $due > $last;
        push @held, [$last, unpack 'N', substr $told, $at + 4, 4];
        last;
      }
      last if $length < 4;
      $at += ($length + 3) & ~3;
    }
    $told = substr $told, ($size + 3) & ~3 < length $told ? ($size + 3) & ~3 : length $told;
  }
}
`;
