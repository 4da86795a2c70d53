# Compiles this benchmark's own sources: preprocessor, compiler and assembler.
# packages: gcc-12 libc6-dev coreutils
# with: work
for file in integer hashing packed; do
  gcc-12 -O2 -c -o $file.o /program/work/$file.c
  cat $file.o
done
