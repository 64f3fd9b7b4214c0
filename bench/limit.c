// The limit: the core's layout and algorithm in C, which fetches ahead as the core does: by loads in loops of their own, quicker
// here than prefetch instructions. Reads newline-separated paths, every parent before its children, builds the tree, and answers each line of standard input
// (milliseconds) with the median time of a batch of look-ups, in nanoseconds a path, and how many were found.
//
// Record as in assembly/node.ts, buckets as in assembly/table.ts, the hash as in assembly/line.ts; vectors of GCC
// and Clang, 32 bytes wide where the machine has them.

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LANES = 32, SLOTS = 12, CHUNK = 4096, PAGE = 65536, BITMAP = PAGE / 64, TAIL = 112, HOT = 36, HEADER = 44, SLACK = 64 };

#ifdef __AVX2__
enum { BLOCK = 32 };
#else
enum { BLOCK = 16 };
#endif

typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef uint8_t Bytes __attribute__((vector_size(BLOCK)));
typedef uint32_t Words __attribute__((vector_size(BLOCK)));
typedef uint64_t Longs __attribute__((vector_size(BLOCK)));

typedef struct { uint64_t hash, id; uint32_t birth, first_child, next, prev, tag, parent, shape; } __attribute__((packed)) Record;
typedef struct { uint8_t tags[SLOTS]; uint32_t passed; uint32_t nodes[SLOTS]; } Bucket;
typedef struct { const uint8_t *at, *end; uint64_t hash; uint32_t guess; } Lane;

static uint8_t *arena;
static size_t bump, page_end;
static Bucket *table;
static uint32_t mask, root;
static uint8_t key[CHUNK + BLOCK];

static uint8_t keep[2 * BLOCK];

static inline Bytes load(const void *at) { Bytes block; memcpy(&block, at, BLOCK); return block; }
static inline Bytes first_bytes(Bytes block, size_t count) { return block & load(keep + BLOCK - count); }

static inline uint32_t bits16(u8x16 lanes) {
#ifdef __SSE2__
  return (uint32_t)__builtin_ia32_pmovmskb128((__attribute__((vector_size(16))) char)lanes);
#else
  uint32_t bits = 0;
  for (int i = 0; i < 16; i++) bits |= (uint32_t)(lanes[i] >> 7) << i;
  return bits;
#endif
}

static inline uint32_t bits_of(Bytes lanes) {
#ifdef __AVX2__
  return (uint32_t)__builtin_ia32_pmovmskb256((__attribute__((vector_size(32))) char)lanes);
#else
  return bits16(lanes);
#endif
}

static inline uint8_t *hot_of(uint32_t node) { return arena + ((size_t)node << 3); }
static inline Record *record(uint32_t node) { return (Record *)(hot_of(node) - HOT); }
static inline uint32_t parent_of(uint32_t node) { uint32_t parent; memcpy(&parent, hot_of(node), 4); return parent; }
static inline uint32_t length_of(uint32_t node) { uint32_t shape; memcpy(&shape, hot_of(node) + 4, 4); return shape & 0xfff; }
static inline const uint8_t *name_of(uint32_t node) { return hot_of(node) + 8; }

static inline uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
  x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93u;
  return x ^ (x >> 32);
}

static inline Longs hash_block(Bytes block, size_t offset) {
  Longs words = (Longs)((Words)block + (Words)load(key + offset));
  return (words & 0xffffffff) * (words >> 32);
}

static inline uint64_t sum_of(Longs sums) {
  uint64_t sum = 0;
  for (int i = 0; i < BLOCK / 8; i++) sum += sums[i];
  return sum;
}

static inline uint64_t hash_blocks(const uint8_t *at, size_t length) {
  Longs sums = { 0 };
  size_t offset = 0;
  for (; offset + BLOCK <= length; offset += BLOCK) sums += hash_block(load(at + offset), offset);
  return sum_of(sums + hash_block(first_bytes(load(at + offset), length - offset), offset));
}

static uint64_t chunk_factor(size_t chunk) { return chunk == 0 ? 1 : mix(chunk) | 1; }

// A path is hashed from the hierarchy's root on, slashes too, in chunks with keys of their own.
static inline uint64_t hash_path(const uint8_t *path, size_t length) {
  uint64_t hash = record(root)->hash;
  size_t chunk = 0;
  for (; length > CHUNK; path += CHUNK, length -= CHUNK) hash += hash_blocks(path, CHUNK) * chunk_factor(chunk++);
  return mix(hash + hash_blocks(path, length) * chunk_factor(chunk));
}

// Where the newlines are, 64 bytes at a time without a branch on what they hold; answers the end of the list.
static uint32_t *find_newlines(const uint8_t *bytes, size_t length, uint32_t *list) {
  for (size_t at = 0; at < length; at += 64) {
    uint64_t bits = 0;
    for (int i = 0; i < 64; i += BLOCK) bits |= (uint64_t)bits_of((Bytes)(load(bytes + at + i) == '\n')) << i;
    if (length - at < 64) bits &= ((uint64_t)1 << (length - at)) - 1;
    uint32_t *next = list + __builtin_popcountll(bits);
    *list = (uint32_t)at + (uint32_t)(bits == 0 ? 0 : __builtin_ctzll(bits));
    for (list++, bits &= bits - 1; bits != 0; bits &= bits - 1) *list++ = (uint32_t)at + (uint32_t)__builtin_ctzll(bits);
    list = next;
  }
  return list;
}

static inline uint8_t tag_of(uint64_t hash) { uint8_t tag = (uint8_t)(hash >> 56); return tag == 0 ? 1 : tag; }
static inline Bucket *bucket_of(uint32_t index) { return table + (index & mask); }
static inline uint32_t stride_of(uint64_t hash) { return ((uint32_t)tag_of(hash) << 1) | 1; }
static inline uint32_t slots_with(const Bucket *bucket, uint8_t tag) {
  u8x16 tags;
  memcpy(&tags, bucket, 16);
  return bits16((u8x16)(tags == tag)) & 0xfff;
}

static void insert(uint64_t hash, uint32_t node) {
  uint32_t index = (uint32_t)hash, empty;
  while ((empty = slots_with(bucket_of(index), 0)) == 0) {
    bucket_of(index)->passed++;
    index += stride_of(hash);
  }
  Bucket *bucket = bucket_of(index);
  int slot = __builtin_ctz(empty);
  bucket->tags[slot] = tag_of(hash);
  bucket->nodes[slot] = node;
}

static inline int differ(Bytes block) { return bits_of((Bytes)(block != 0)) != 0; }

static inline int same_bytes(const uint8_t *a, const uint8_t *b, size_t length) {
  if (length < BLOCK) return !differ(first_bytes(load(a) ^ load(b), length));
  size_t last = length - BLOCK;
  Bytes difference = load(a + last) ^ load(b + last);
  for (size_t offset = 0; offset < last; offset += BLOCK) difference |= load(a + offset) ^ load(b + offset);
  return !differ(difference);
}

// From the last name up: each must be the node's, with a slash before it, and the climb must end at the root.
static inline int is_path(uint32_t node, const uint8_t *at, const uint8_t *end) {
  while (node != root) {
    if (node == 0) return 0;
    size_t length = length_of(node);
    if ((size_t)(end - at) < length + 1 || end[-(ptrdiff_t)length - 1] != '/') return 0;
    if (!same_bytes(name_of(node), end - length, length)) return 0;
    end -= length + 1;
    node = parent_of(node);
  }
  return at == end;
}

static uint32_t find(uint64_t hash, const uint8_t *at, const uint8_t *end) {
  for (uint32_t index = (uint32_t)hash;; index += stride_of(hash)) {
    Bucket *bucket = bucket_of(index);
    for (uint32_t slots = slots_with(bucket, tag_of(hash)); slots != 0; slots &= slots - 1) {
      uint32_t node = bucket->nodes[__builtin_ctz(slots)];
      if (is_path(node, at, end)) return node;
    }
    if (bucket->passed == 0) return 0;
  }
}

// What the touch loops read, so that no compiler may drop them.
static volatile uint32_t touched;

static void touch(Lane *lanes, int count) {
  uint32_t sum = 0;
  for (int i = 0; i < count; i++) sum += bucket_of((uint32_t)lanes[i].hash)->tags[0];
  for (int i = 0; i < count; i++) {
    const Bucket *bucket = bucket_of((uint32_t)lanes[i].hash);
    uint32_t slots = slots_with(bucket, tag_of(lanes[i].hash));
    uint32_t first = bucket->nodes[__builtin_ctz(slots | 1u << (SLOTS - 1))];
    lanes[i].guess = slots == 0 ? root : first;
    if (slots == 0 && bucket->passed != 0) sum += bucket_of((uint32_t)lanes[i].hash + stride_of(lanes[i].hash))->tags[0];
  }
  for (int i = 0; i < count; i++) {
    const uint8_t *hot = hot_of(lanes[i].guess);
    sum += hot[0] + hot[64] + hot[112];
  }
  for (int i = 0; i < count; i++) {
    const uint8_t *hot = hot_of(parent_of(lanes[i].guess));
    sum += hot[0] + hot[64];
  }
  touched = sum;
}

/** Resolves newline-terminated lines into nodes, 0 where there is none; answers how many were found. */
static size_t resolve_lines(const uint8_t *bytes, size_t length, uint32_t *newlines, uint32_t *out) {
  static Lane lanes[LANES];
  size_t found = 0;
  const uint8_t *at = bytes;
  const uint32_t *newline = newlines, *last = find_newlines(bytes, length, newlines);
  while (newline < last) {
    int count = 0;
    for (; count < LANES && newline < last; count++) {
      const uint8_t *end = bytes + *newline++;
      lanes[count] = (Lane){ .at = at, .end = end, .hash = hash_path(at, (size_t)(end - at)) };
      at = end + 1;
    }
    touch(lanes, count);
    for (int i = 0; i < count; i++) {
      uint32_t node = find(lanes[i].hash, lanes[i].at, lanes[i].end);
      *out++ = node;
      found += node != 0;
    }
  }
  return found;
}

static uint32_t allocate(uint32_t parent, uint32_t level, uint64_t hash, const uint8_t *name, size_t length) {
  size_t size = (HEADER + length + 7) & ~(size_t)7;
  if (page_end < bump + size) {
    size_t page = (bump + PAGE - 1) / PAGE * PAGE;
    bump = page + BITMAP + 4;
    page_end = page + PAGE - TAIL;
  }
  uint32_t node = (uint32_t)((bump + HOT) >> 3);
  bump += size;
  *record(node) = (Record){ .hash = hash, .birth = 1, .tag = 1u << 24, .parent = parent, .shape = level << 13 | (uint32_t)length };
  memcpy(hot_of(node) + 8, name, length);
  return node;
}

static void build(const uint8_t *at, const uint8_t *end, size_t count) {
  size_t buckets = 1024;
  while (count > buckets * SLOTS / 8 * 7) buckets *= 2;
  mask = (uint32_t)buckets - 1;
  table = aligned_alloc(64, buckets * sizeof(Bucket));
  memset(table, 0, buckets * sizeof(Bucket));
  arena = malloc((size_t)(end - at) + count * 64 + 16 * PAGE);
  bump = PAGE;
  page_end = 0;
  root = allocate(0, 0, 0x9e3779b97f4a7c15u, key, 0);
  for (const uint8_t *stop; at < end; at = stop + 1) {
    stop = memchr(at, '\n', (size_t)(end - at));
    const uint8_t *slash = stop - 1, *name;
    while (*slash != '/') slash--;
    name = slash + 1;
    uint64_t hash = hash_path(at, (size_t)(stop - at));
    uint32_t parent = slash == at ? root : find(hash_path(at, (size_t)(slash - at)), at, slash);
    insert(hash, allocate(parent, 0, hash, name, (size_t)(stop - name)));
  }
}

static uint8_t *contents(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) exit(2);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = calloc(*size + SLACK, 1);
  if (bytes == NULL || fread(bytes, 1, *size, file) != *size) exit(2);
  fclose(file);
  return bytes;
}

static size_t lines_in(const uint8_t *at, const uint8_t *end) {
  size_t count = 0;
  for (; at < end; at++) count += *at == '\n';
  return count;
}

static const uint8_t *after_lines(const uint8_t *at, const uint8_t *end, size_t count) {
  for (; at < end && count > 0; at++) count -= *at == '\n';
  return at;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/** limit PATHS QUERIES LINES-A-BATCH */
int main(int argc, char **argv) {
  if (argc != 4) return 2;
  size_t path_bytes, query_bytes, batch = strtoul(argv[3], NULL, 10), rest = 0, max = 1 << 20;
  uint8_t *paths = contents(argv[1], &path_bytes), *queries = contents(argv[2], &query_bytes);
  uint32_t *out = malloc(batch * 4), *newlines = malloc(query_bytes * 4 + 64);
  uint8_t *lines = calloc(query_bytes + SLACK, 1);
  double *times = malloc(max * sizeof(double)), milliseconds;
  srand(1);
  for (size_t i = 0; i < sizeof(key); i++) key[i] = (uint8_t)(rand() >> 7);
  memset(keep, 0xff, BLOCK);
  build(paths, paths + path_bytes, lines_in(paths, paths + path_bytes));
  free(paths);
  while (scanf("%lf", &milliseconds) == 1) {
    size_t count = 0, found = 0;
    for (double start = now(), last = start; last - start < milliseconds * 1e6 && count < max;) {
      const uint8_t *at = queries + rest, *stop = after_lines(at, queries + query_bytes, batch);
      // Just read, as for the other lanes.
      memcpy(lines, at, (size_t)(stop - at));
      double before = now();
      found += resolve_lines(lines, (size_t)(stop - at), newlines, out);
      last = now();
      times[count++] = (last - before) / (double)batch;
      rest = stop == queries + query_bytes ? 0 : (size_t)(stop - queries);
    }
    qsort(times, count, sizeof(double), by_size);
    printf("%.3f %zu %zu\n", times[count / 2], found, count * batch);
    fflush(stdout);
  }
  return 0;
}
