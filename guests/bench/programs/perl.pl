# Reads text, counts, rewrites and sorts it.
use strict;
use warnings;

my (%count, %pairs, @long);
my $checksum = 0;
while (my $line = <>) {
  chomp $line;
  my ($name, $number, @words) = split / /, $line;
  $count{$_}++ for @words;
  $pairs{"$words[$_ - 1] $words[$_]"} += $number for 1 .. $#words;
  (my $changed = $line) =~ s/([aeiou])([^aeiou ])/\u$2$1/g;
  $checksum = ($checksum * 31 + ord $_) % 1000003 for $changed =~ /(.)\b/g;
  push @long, reverse $line if $line =~ /^(\w)\w*\1 .*(\w\w)\2/;
}
my @frequent = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
print "$_ $count{$_}\n" for @frequent[0 .. 19];
print scalar(keys %pairs), " $checksum ", scalar(@long), "\n";
print join("\n", (sort @long)[0 .. 4]), "\n";
