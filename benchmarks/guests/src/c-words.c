/** Splits a made text into words and counts them in a hash table with chains, n rounds; hash of the counts. */
#include "lib/random.h"

#define TEXT 16384
#define BUCKETS 512
#define WORDS 8192

struct word {
  const char *start;
  int length;
  int count;
  struct word *next;
};

static char text[TEXT + 1];
static struct word words[WORDS];
static struct word *buckets[BUCKETS];
static int used;

/* Words of one to five of the first six letters, one or two spaces between. */
static void write_text(void) {
  int at = 0;
  while (at < TEXT - 8) {
    int length = 1 + random32() % 5;
    for (int i = 0; i < length; i++) text[at++] = 'a' + random32() % 6;
    for (int i = 0; i < 1 + (length & 1); i++) text[at++] = ' ';
  }
  text[at] = 0;
}

static uint32_t hash(const char *s, int length) {
  uint32_t h = 2166136261u;
  for (int i = 0; i < length; i++) h = (h ^ (uint8_t)s[i]) * 16777619u;
  return h;
}

static int same(const char *a, const char *b, int length) {
  while (length > 0 && *a == *b) {
    a++;
    b++;
    length--;
  }
  return length == 0;
}

static struct word *find(const char *start, int length) {
  uint32_t bucket = hash(start, length) % BUCKETS;
  for (struct word *w = buckets[bucket]; w; w = w->next) {
    if (w->length == length && same(w->start, start, length)) return w;
  }
  struct word *w = &words[used++];
  w->start = start;
  w->length = length;
  w->count = 0;
  w->next = buckets[bucket];
  buckets[bucket] = w;
  return w;
}

static int is_space(char c) { return c == ' ' || c == '\n'; }

static void count_words(void) {
  used = 0;
  for (int i = 0; i < BUCKETS; i++) buckets[i] = 0;
  const char *p = text;
  while (*p) {
    while (*p && is_space(*p)) p++;
    const char *start = p;
    while (*p && !is_space(*p)) p++;
    if (p > start) find(start, p - start)->count++;
  }
}

EXPORT("run") int run(int n) {
  uint32_t check = 0;
  seed(404);
  for (int round = 0; round < n; round++) {
    write_text();
    count_words();
    for (int i = 0; i < used; i++) check = check * 31 + words[i].count * words[i].length;
    check += used;
  }
  return check;
}
