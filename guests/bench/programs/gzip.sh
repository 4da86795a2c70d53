# Compresses text, and unpacks it again.
# packages: gzip
# text: 12
gzip -n -6 -c /data/text > packed
gzip -dc packed | gzip -n -1 -c
