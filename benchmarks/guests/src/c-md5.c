/** MD5 of n times 16 KiB, with the usual small functions for its rounds; first word of the digest. */
#include "lib/random.h"

#define SIZE 16384

/* Floor of 2^32 times |sin(i + 1)|, and the rotations (RFC 1321). */
static const uint32_t K[64] = {
  0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
  0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
  0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
  0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
  0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
  0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
  0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
  0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
static const int S[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

struct md5 {
  uint32_t state[4];
  uint32_t length;
};

static uint8_t data[SIZE], tail[64];

static uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }
static uint32_t F(uint32_t x, uint32_t y, uint32_t z) { return (x & y) | (~x & z); }
static uint32_t G(uint32_t x, uint32_t y, uint32_t z) { return (x & z) | (y & ~z); }
static uint32_t H(uint32_t x, uint32_t y, uint32_t z) { return x ^ y ^ z; }
static uint32_t I(uint32_t x, uint32_t y, uint32_t z) { return y ^ (x | ~z); }

static uint32_t word(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24; }

static void block(struct md5 *m, const uint8_t *p) {
  uint32_t a = m->state[0], b = m->state[1], c = m->state[2], d = m->state[3];
  for (int i = 0; i < 64; i++) {
    uint32_t f;
    int at;
    if (i < 16) {
      f = F(b, c, d);
      at = i;
    } else if (i < 32) {
      f = G(b, c, d);
      at = (5 * i + 1) % 16;
    } else if (i < 48) {
      f = H(b, c, d);
      at = (3 * i + 5) % 16;
    } else {
      f = I(b, c, d);
      at = 7 * i % 16;
    }
    f += a + K[i] + word(p + 4 * at);
    a = d;
    d = c;
    c = b;
    b += rotate(f, S[i / 16][i % 4]);
  }
  m->state[0] += a;
  m->state[1] += b;
  m->state[2] += c;
  m->state[3] += d;
  m->length += 64;
}

static void begin(struct md5 *m) {
  m->state[0] = 0x67452301;
  m->state[1] = 0xefcdab89;
  m->state[2] = 0x98badcfe;
  m->state[3] = 0x10325476;
  m->length = 0;
}

/* Every message here is whole blocks, shorter than 512 MiB. */
static void end(struct md5 *m) {
  uint64_t bits = (uint64_t)m->length * 8;
  for (int i = 0; i < 64; i++) tail[i] = i == 0 ? 0x80 : 0;
  for (int i = 0; i < 8; i++) tail[56 + i] = bits >> (8 * i);
  block(m, tail);
}

EXPORT("run") int run(int n) {
  struct md5 m;
  seed(5);
  for (int i = 0; i < SIZE; i += 4) {
    uint32_t r = random32();
    for (int k = 0; k < 4; k++) data[i + k] = r >> (8 * k);
  }
  begin(&m);
  for (int i = 0; i < n; i++) {
    for (int at = 0; at < SIZE; at += 64) block(&m, data + at);
  }
  end(&m);
  return m.state[0];
}
