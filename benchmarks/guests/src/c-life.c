/** The game of life, n generations on a torus of 96 by 64 cells, a byte each; hash of the last one and of all counts. */
#include "lib/random.h"

#define WIDTH 96
#define HEIGHT 64

static uint8_t now[HEIGHT][WIDTH], next[HEIGHT][WIDTH];

static int neighbours(int y, int x) {
  int count = 0;
  for (int dy = -1; dy <= 1; dy++) {
    for (int dx = -1; dx <= 1; dx++) {
      if (dy == 0 && dx == 0) continue;
      count += now[(y + dy + HEIGHT) % HEIGHT][(x + dx + WIDTH) % WIDTH];
    }
  }
  return count;
}

static int step(void) {
  int alive = 0;
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) {
      int count = neighbours(y, x);
      next[y][x] = count == 3 || (count == 2 && now[y][x]);
    }
  }
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) {
      now[y][x] = next[y][x];
      alive += now[y][x];
    }
  }
  return alive;
}

EXPORT("run") int run(int n) {
  uint32_t check = 0;
  seed(77);
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) now[y][x] = random32() % 3 == 0;
  }
  for (int i = 0; i < n; i++) check = check * 31 + step();
  for (int y = 0; y < HEIGHT; y++) {
    for (int x = 0; x < WIDTH; x++) check = check * 3 + now[y][x];
  }
  return check;
}
