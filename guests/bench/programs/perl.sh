# Perl: hashes, regular expressions, string building, sorting.
# packages: perl-base
# text: 2
perl /program/perl.pl /data/text
