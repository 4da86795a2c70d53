# Hashes data by the C code of coreutils.
# packages: coreutils
# text: 40
sha256sum /data/text /data/text /data/text /data/text /data/text /data/text /data/text /data/text
