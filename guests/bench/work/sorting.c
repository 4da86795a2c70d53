/* Sorting: the C library's, and two of our own. */
#include "work.h"

enum { LENGTH = 20000 };

static int32_t unsorted[LENGTH];
static int32_t array[LENGTH];

static void prepare(const struct row *row) {
  (void)row;
  fill_random(unsorted, sizeof unsorted, 11);
}

/* Sorts as often as the row wants. */
static uint64_t sort_with(const struct row *row, void (*sort)(void)) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    memcpy(array, unsorted, sizeof array);
    sort();
    for (int j = 1; j < LENGTH; j++) {
      require(array[j - 1] <= array[j]);
    }
    sum = mix(sum, (uint32_t)array[i % LENGTH]);
  }
  return sum;
}

static int compare(const void *left, const void *right) {
  int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
  return (a > b) - (a < b);
}

static void library_sort(void) { qsort(array, LENGTH, sizeof *array, compare); }

static uint64_t library(const struct row *row) { return sort_with(row, library_sort); }

static void quicksort_range(int32_t *first, int32_t *last) {
  while (last - first > 12) {
    int32_t pivot = first[(last - first) / 2];
    int32_t *left = first, *right = last;
    while (left <= right) {
      while (*left < pivot) {
        left++;
      }
      while (*right > pivot) {
        right--;
      }
      if (left <= right) {
        int32_t swapped = *left;
        *left++ = *right;
        *right-- = swapped;
      }
    }
    quicksort_range(first, right);
    first = left;
  }
  for (int32_t *next = first + 1; next <= last; next++) {
    int32_t value = *next, *hole = next;
    for (; hole > first && hole[-1] > value; hole--) {
      *hole = hole[-1];
    }
    *hole = value;
  }
}

static void quicksort_all(void) { quicksort_range(array, array + LENGTH - 1); }

static uint64_t quicksort(const struct row *row) { return sort_with(row, quicksort_all); }

static void sift_down(int root, int length) {
  int32_t value = array[root];
  for (int child; (child = 2 * root + 1) < length; root = child) {
    if (child + 1 < length && array[child + 1] > array[child]) {
      child++;
    }
    if (array[child] <= value) {
      break;
    }
    array[root] = array[child];
  }
  array[root] = value;
}

static void heapsort_all(void) {
  for (int root = LENGTH / 2 - 1; root >= 0; root--) {
    sift_down(root, LENGTH);
  }
  for (int last = LENGTH - 1; last > 0; last--) {
    int32_t greatest = array[0];
    array[0] = array[last];
    array[last] = greatest;
    sift_down(0, last);
  }
}

static uint64_t heapsort_rounds(const struct row *row) { return sort_with(row, heapsort_all); }

const struct row sorting_rows[] = {
    {.name = "qsort", .run = library, .count = 45, .prepare = prepare},
    {.name = "quicksort", .run = quicksort, .count = 200, .prepare = prepare},
    {.name = "heapsort", .run = heapsort_rounds, .count = 100, .prepare = prepare},
    {0},
};
