/** Product of two n by n matrices of small whole numbers in doubles, as a textbook writes it; a weighted sum of the product. */
#include "lib/random.h"

#define MAX 1000

static double a[MAX][MAX], b[MAX][MAX], c[MAX][MAX];

static void fill(int n) {
  seed(2024);
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      a[i][j] = random32() & 15;
      b[i][j] = random32() & 15;
    }
  }
}

static void multiply(int n) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int k = 0; k < n; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
}

EXPORT("run") double run(int n) {
  fill(n);
  multiply(n);
  double check = 0;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) check += c[i][j] * ((i + 2 * j) % 7);
  }
  return check;
}
