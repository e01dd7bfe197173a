/** Longest common subsequences of n pairs of 600-letter words, by dynamic programming over two rows. */
#include "lib/random.h"

#define LENGTH 600

static char a[LENGTH], b[LENGTH];
static int rows[2][LENGTH + 1];

static int max(int x, int y) { return x > y ? x : y; }

static int lcs(void) {
  for (int j = 0; j <= LENGTH; j++) rows[0][j] = 0;
  for (int i = 1; i <= LENGTH; i++) {
    int *above = rows[(i - 1) % 2], *row = rows[i % 2];
    row[0] = 0;
    for (int j = 1; j <= LENGTH; j++) {
      if (a[i - 1] == b[j - 1]) {
        row[j] = above[j - 1] + 1;
      } else {
        row[j] = max(above[j], row[j - 1]);
      }
    }
  }
  return rows[LENGTH % 2][LENGTH];
}

EXPORT("run") int run(int n) {
  uint32_t check = 0;
  seed(17);
  for (int pair = 0; pair < n; pair++) {
    for (int i = 0; i < LENGTH; i++) {
      a[i] = 'a' + (random32() & 7);
      b[i] = 'a' + (random32() & 7);
    }
    check = check * 17 + lcs();
  }
  return check;
}
