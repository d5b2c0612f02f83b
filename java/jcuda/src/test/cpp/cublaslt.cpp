// Stands in for libcublasLt.so.13 where there is no GPU: the functions that the binding calls, with
// their signatures in cuBLASLt, computed by definition in host memory. It refuses what a mistake in
// the binding would give it.

#include <cstddef>

#include "number.h"

namespace {

constexpr int kSuccess = 0, kInvalid = 7, kUnsupported = 15;

struct Product {
  int compute, scale, transpose_first = 0, transpose_second = 0;
};
struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t leading;
};
struct Preference {
  uint64_t workspace = 0;
};
struct Candidate {
  uint64_t algorithm[8];
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

int open = 0;  // descriptors and handles

Kind kind(int type) { return type == 0 ? Kind::f32 : Kind::bf16; }

double at(const void *memory, const Layout *l, int transposed, uint64_t row, uint64_t column) {
  const uint64_t r = transposed ? column : row, c = transposed ? row : column;
  return get(memory, static_cast<int64_t>(c) * l->leading + static_cast<int64_t>(r), kind(l->type));
}

template <class T>
int create(T **made, T value) {
  ++open;
  *made = new T(value);
  return kSuccess;
}

template <class T>
int destroy(T *made) {
  --open;
  delete made;
  return kSuccess;
}

bool consistent(const Product *p, const Layout *a, const Layout *b, const Layout *d) {
  const uint64_t m = p->transpose_first ? a->columns : a->rows;
  const uint64_t k = p->transpose_first ? a->rows : a->columns;
  const uint64_t n = p->transpose_second ? b->rows : b->columns;
  return p->compute == 68 && p->scale == 0 && a->type == b->type && m == d->rows &&
         n == d->columns && k == (p->transpose_second ? b->columns : b->rows);
}

}  // namespace

#define API extern "C" __attribute__((visibility("default")))

API int standin_open() { return open; }
API size_t cublasLtGetVersion() { return 130100; }
API const char *cublasLtGetStatusName(int) { return "CUBLAS_STATUS_INVALID_VALUE"; }
API const char *cublasLtGetStatusString(int) { return "an unsupported value"; }
API int cublasLtCreate(int **handle) { return create(handle, 0); }
API int cublasLtDestroy(int *handle) { return destroy(handle); }
API int cublasLtMatmulDescCreate(Product **p, int compute, int scale) {
  return create(p, Product{compute, scale});
}
API int cublasLtMatmulDescDestroy(Product *p) { return destroy(p); }
API int cublasLtMatmulDescSetAttribute(Product *p, int attribute, const void *value, size_t size) {
  if (size != 4 || (attribute != 3 && attribute != 4)) return kInvalid;
  (attribute == 3 ? p->transpose_first : p->transpose_second) = *static_cast<const int *>(value);
  return kSuccess;
}
API int cublasLtMatrixLayoutCreate(Layout **l, int type, uint64_t rows, uint64_t columns,
                                   int64_t leading) {
  return create(l, Layout{type, rows, columns, leading});
}
API int cublasLtMatrixLayoutDestroy(Layout *l) { return destroy(l); }
API int cublasLtMatmulPreferenceCreate(Preference **p) { return create(p, Preference{}); }
API int cublasLtMatmulPreferenceDestroy(Preference *p) { return destroy(p); }
API int cublasLtMatmulPreferenceSetAttribute(Preference *p, int attribute, const void *value,
                                             size_t size) {
  if (size != 8 || attribute != 1) return kInvalid;
  p->workspace = *static_cast<const uint64_t *>(value);
  return kSuccess;
}
API int cublasLtMatmulAlgoGetHeuristic(int *, Product *p, Layout *a, Layout *b, Layout *c,
                                       Layout *d, Preference *preference, int requested,
                                       Candidate *found, int *count) {
  if (!consistent(p, a, b, d) || c != d || requested < 3) return kInvalid;
  found[0] = {{10}, 0, kSuccess, 1, {}};
  found[1] = {{11}, preference->workspace, kSuccess, 1, {}};
  found[2] = {{12}, 0, kUnsupported, 1, {}};
  *count = 3;
  return kSuccess;
}
API int cublasLtMatmul(int *, Product *p, const float *alpha, const void *pa, Layout *a,
                       const void *pb, Layout *b, const float *beta, const void *pc, Layout *c,
                       void *pd, Layout *d, const uint64_t *algorithm, void *workspace, size_t size,
                       void *stream) {
  if (!consistent(p, a, b, d) || pc != pd || c != d || stream != nullptr) return kInvalid;
  if (*alpha != 1 || *beta != 0 || (*algorithm != 10 && *algorithm != 11)) return kInvalid;
  if ((*algorithm == 11) != (size > 0) || workspace == nullptr) return kInvalid;
  const uint64_t depth = p->transpose_first ? a->rows : a->columns;
  for (uint64_t j = 0; j < d->columns; ++j)
    for (uint64_t i = 0; i < d->rows; ++i) {
      double sum = 0;
      for (uint64_t k = 0; k < depth; ++k)
        sum += at(pa, a, p->transpose_first, i, k) * at(pb, b, p->transpose_second, k, j);
      put(pd, static_cast<int64_t>(j) * d->leading + static_cast<int64_t>(i), kind(d->type), sum);
    }
  return kSuccess;
}
