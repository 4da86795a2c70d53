/* Hashes, checksums, and loops that store bytes. */
#include "work.h"

static unsigned char data[64 * KIB];
static unsigned char output[96 * KIB];

static void prepare(const struct row *row) {
  (void)row;
  fill_random(data, sizeof data, 5);
}

/* FIPS 180-4, section 4.2.2. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

/* FIPS 180-4, section 6.2.2. */
static void sha256_block(uint32_t hash[8], const unsigned char *block) {
  uint32_t w[64];
  for (int t = 0; t < 16; t++) {
    uint32_t word;
    memcpy(&word, block + 4 * t, 4);
    w[t] = __builtin_bswap32(word);
  }
  for (int t = 16; t < 64; t++) {
    uint32_t s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3;
    uint32_t s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10;
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
  uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
  uint32_t e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (int t = 0; t < 64; t++) {
    uint32_t sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    uint32_t t1 = h + sum1 + ((e & f) ^ (~e & g)) + constants[t] + w[t];
    uint32_t sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    uint32_t t2 = sum0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1;
    d = c, c = b, b = a, a = t1 + t2;
  }
  hash[0] += a, hash[1] += b, hash[2] += c, hash[3] += d;
  hash[4] += e, hash[5] += f, hash[6] += g, hash[7] += h;
}

static uint64_t sha256(const struct row *row) {
  uint32_t hash[8] = {
      0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  };
  for (uint64_t i = 0; i < row->count; i++) {
    for (size_t at = 0; at < sizeof data; at += 64) {
      sha256_block(hash, data + at);
    }
  }
  return mix_bytes(0, hash, sizeof hash);
}

static uint32_t crc_table[256];

static void prepare_crc(const struct row *row) {
  prepare(row);
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    crc_table[i] = crc;
  }
}

/* The polynomial of IEEE 802.3, a byte and a look-up at a time. */
static uint64_t crc32_table(const struct row *row) {
  uint32_t crc = 0xffffffff;
  for (uint64_t round = 0; round < row->count; round++) {
    for (size_t i = 0; i < sizeof data; i++) {
      crc = crc_table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
    }
  }
  return crc;
}

/* Castagnoli's polynomial by the instruction of SSE 4.2. */
__attribute__((target("sse4.2"))) static uint64_t crc32_instruction(const struct row *row) {
  uint64_t crc = 0xffffffff;
  for (uint64_t round = 0; round < row->count; round++) {
    for (size_t i = 0; i < sizeof data; i += 8) {
      uint64_t word;
      memcpy(&word, data + i, 8);
      crc = __builtin_ia32_crc32di(crc, word);
    }
  }
  return crc;
}

/* Each byte from its neighbours' values, so that no compiler stores wider. */
static uint64_t byte_stores(const struct row *row) {
  uint8_t carry = 1;
  for (uint64_t round = 0; round < row->count; round++) {
    for (size_t i = 0; i < sizeof data; i++) {
      carry = (uint8_t)(carry * 5 + data[i]);
      output[i] = carry;
    }
  }
  return mix_bytes(carry, output, sizeof data);
}

/* Base64 (RFC 4648): three bytes in, four bytes out by a table. */
static uint64_t base64(const struct row *row) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned char *out = output;
  for (uint64_t round = 0; round < row->count; round++) {
    out = output;
    for (size_t i = 0; i + 3 <= sizeof data; i += 3) {
      uint32_t bits = (uint32_t)data[i] << 16 | (uint32_t)data[i + 1] << 8 | data[i + 2];
      *out++ = (unsigned char)digits[bits >> 18];
      *out++ = (unsigned char)digits[bits >> 12 & 63];
      *out++ = (unsigned char)digits[bits >> 6 & 63];
      *out++ = (unsigned char)digits[bits & 63];
    }
  }
  return mix_bytes(0, output, (size_t)(out - output));
}

const struct row hashing_rows[] = {
    {.name = "sha256", .run = sha256, .count = 250, .prepare = prepare},
    {.name = "crc32-table", .run = crc32_table, .count = 1000, .prepare = prepare_crc},
    {.name = "crc32-instruction", .run = crc32_instruction, .count = 1000, .prepare = prepare},
    {.name = "byte-stores", .run = byte_stores, .count = 2500, .prepare = prepare},
    {.name = "base64", .run = base64, .count = 2000, .prepare = prepare},
    {0},
};
