/* SSE to SSE4.2, AES and carry-less multiplication as integers: one checksum a family. */
#include "answers.h"

#include <immintrin.h>

static void print_lanes(const char *name, __m128i value) {
  uint32_t lanes[4];
  _mm_storeu_si128((__m128i *)lanes, value);
  printf("%s %08x %08x %08x %08x\n", name, lanes[3], lanes[2], lanes[1], lanes[0]);
}

void floating_sse(void) {
  __m128i a = _mm_set_epi32(0x01234567, (int)0x89abcdefu, 0x7fff8000, 0x00ff10ee);
  __m128i b = _mm_set_epi32(0x0f1e2d3c, 0x4b5a6978, (int)0x80007fffu, 0x11223344);
  __m128i sum = _mm_setzero_si128();
  for (int i = 0; i < 1000; i++) {
    a = _mm_add_epi32(_mm_xor_si128(_mm_slli_epi32(a, 5), _mm_srli_epi32(a, 7)), b);
    sum = _mm_adds_epi16(sum, _mm_mulhi_epi16(a, b));
    sum = _mm_xor_si128(sum, _mm_packs_epi32(a, _mm_unpackhi_epi16(b, a)));
    b = _mm_sub_epi64(b, _mm_sad_epu8(a, sum));
  }
  print_lanes("sse2", sum);
  for (int i = 0; i < 1000; i++) {
    a = _mm_shuffle_epi8(a, _mm_and_si128(b, _mm_set1_epi8((char)0x8f)));
    b = _mm_add_epi16(b, _mm_maddubs_epi16(b, _mm_abs_epi8(sum)));
    sum = _mm_alignr_epi8(sum, _mm_hadd_epi16(a, b), 5);
    a = _mm_xor_si128(a, sum);
  }
  print_lanes("ssse3", sum);
  for (int i = 0; i < 1000; i++) {
    sum = _mm_add_epi32(_mm_mullo_epi32(sum, _mm_set1_epi32(0x01000193)), b);
    b = _mm_blendv_epi8(b, _mm_minpos_epu16(sum), a);
    a = _mm_max_epu32(_mm_cvtepu8_epi16(sum), _mm_insert_epi32(a, i, 2));
  }
  print_lanes("sse4.1", sum);
  uint32_t crc = 0;
  for (uint32_t i = 0; i < 1000; i++) {
    crc = _mm_crc32_u32(crc, i);
    crc = _mm_crc32_u8(crc, (uint8_t)i);
  }
  const __m128i text = _mm_loadu_si128((const __m128i *)"the quick brown ");
  const __m128i set = _mm_loadu_si128((const __m128i *)"wkxz\0abcdefghij");
  printf("sse4.2 %08x %d %d\n", crc, _mm_cmpistri(set, text, _SIDD_CMP_EQUAL_ANY),
         __builtin_popcount(crc));
  __m128i state = a;
  for (int i = 0; i < 100; i++) {
    state = _mm_aesenc_si128(state, _mm_aeskeygenassist_si128(b, 0x1b));
    state = _mm_xor_si128(state, _mm_clmulepi64_si128(state, b, 0x01));
    b = _mm_aesdeclast_si128(b, state);
  }
  print_lanes("aes", state);
  __m128d x = _mm_set_pd(1.5, -2.25), y = _mm_set_pd(0.1, 7);
  for (int i = 0; i < 100; i++) {
    y = _mm_add_pd(_mm_addsub_pd(_mm_div_pd(y, x), x), _mm_sqrt_pd(_mm_mul_pd(y, y)));
    y = _mm_min_pd(y, _mm_set1_pd(1000));
  }
  printf("packed %a %a\n", _mm_cvtsd_f64(y), _mm_cvtsd_f64(_mm_unpackhi_pd(y, y)));
}
