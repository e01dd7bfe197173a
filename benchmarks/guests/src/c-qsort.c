/** Quicksort of n * 1000 records of two fields, ordered by a function that the caller gives, as qsort in C. */
#include "lib/random.h"

#define MAX 4000000

struct record {
  int32_t key;
  int32_t value;
};

typedef int (*order)(const struct record *, const struct record *);

static struct record records[MAX];

static int by_key(const struct record *a, const struct record *b) {
  if (a->key != b->key) return a->key < b->key ? -1 : 1;
  return a->value < b->value ? -1 : a->value > b->value;
}

static int by_value(const struct record *a, const struct record *b) {
  return a->value < b->value ? -1 : a->value > b->value;
}

static void swap(struct record *a, struct record *b) {
  struct record t = *a;
  *a = *b;
  *b = t;
}

static void sort(struct record *from, struct record *to, order compare) {
  while (to - from > 1) {
    struct record pivot = from[(to - from) / 2];
    struct record *i = from, *j = to - 1;
    while (i <= j) {
      while (compare(i, &pivot) < 0) i++;
      while (compare(j, &pivot) > 0) j--;
      if (i <= j) swap(i++, j--);
    }
    /* The shorter part by recursion. */
    if (j + 1 - from < to - i) {
      sort(from, j + 1, compare);
      from = i;
    } else {
      sort(i, to, compare);
      to = j + 1;
    }
  }
}

static uint32_t hash(int n) {
  uint32_t check = 0;
  for (int i = 0; i < n; i++) check = check * 31 + (records[i].key ^ records[i].value);
  return check;
}

EXPORT("run") int run(int n) {
  n *= 1000;
  seed(31);
  for (int i = 0; i < n; i++) {
    records[i].key = (int32_t)random32() % 5000;
    records[i].value = i;
  }
  sort(records, records + n, by_key);
  uint32_t check = hash(n);
  sort(records, records + n, by_value);
  return check ^ hash(n);
}
