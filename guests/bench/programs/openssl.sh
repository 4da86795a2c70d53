# Hashes, ciphers and arithmetic with big numbers, by the code that libcrypto chooses for the CPU.
# packages: openssl
# text: 24
key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
iv=202122232425262728292a2b2c2d2e2f
openssl dgst -sha256 /data/text
openssl dgst -sha512 /data/text
openssl dgst -md5 /data/text
openssl enc -aes-256-cbc -K $key -iv $iv -in /data/text | openssl dgst -sha1
openssl enc -chacha20 -K $key -iv $iv -in /data/text | openssl dgst -sha3-256
# The prime 2^2203 - 1.
f=ffffffffff
f=$f$f$f$f$f
openssl prime -hex "7$f$f$f$f$f$f$f$f$f$f$f"
