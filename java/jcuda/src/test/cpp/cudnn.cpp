// Stands in for libcudnn.so.9 where there is no GPU: the functions that the binding calls, with
// their signatures in cuDNN, computed by definition in host memory. It refuses what a mistake in
// the binding would give it.

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "number.h"

namespace {

constexpr int kSuccess = 0, kBadParam = 3, kUnsupported = 9;
constexpr int kAlgorithm = 1;
constexpr size_t kWorkspace = 4096;

struct Tensor {
  int type, n, c, h, w;
};
struct Filter {
  int type, k, c, h, w;
};
struct Convolution {
  int pad_h, pad_w, stride_h, stride_w, groups = 1, math = 0;
};
struct Performance {
  int algo, status;
  float time;
  size_t memory;
  int determinism, math, reserved[3];
};

int open = 0;  // descriptors and handles
std::string last_error;

int fail(const char *why) {
  last_error = why;
  return kBadParam;
}

Kind kind(int type) { return type == 0 ? Kind::f32 : Kind::bf16; }

bool consistent(const Tensor *x, const Filter *w, const Convolution *c, const Tensor *y) {
  const bool types = x->type == w->type && w->type == y->type && (x->type == 0 || x->type == 9);
  return types && x->n == y->n && y->c == w->k && x->c == w->c * c->groups &&
         y->h == (x->h + 2 * c->pad_h - w->h) / c->stride_h + 1 &&
         y->w == (x->w + 2 * c->pad_w - w->w) / c->stride_w + 1 &&
         c->math == (x->type == 0 ? 3 : 1);
}

// Calls `product(x, w, y)` with the indices of every product that the convolution adds up.
template <class Product>
void each(const Tensor *x, const Filter *w, const Convolution *c, const Tensor *y,
          Product product) {
  const int per_group = w->k / c->groups;
  for (int64_t n = 0; n < y->n; ++n)
    for (int row = 0; row < y->h; ++row)
      for (int column = 0; column < y->w; ++column)
        for (int k = 0; k < w->k; ++k)
          for (int r = 0; r < w->h; ++r)
            for (int s = 0; s < w->w; ++s) {
              const int h = row * c->stride_h - c->pad_h + r;
              const int v = column * c->stride_w - c->pad_w + s;
              if (h < 0 || h >= x->h || v < 0 || v >= x->w) continue;
              for (int i = 0; i < w->c; ++i)
                product(((n * x->h + h) * x->w + v) * x->c + k / per_group * w->c + i,
                        ((static_cast<int64_t>(k) * w->h + r) * w->w + s) * w->c + i,
                        ((n * y->h + row) * y->w + column) * y->c + k);
            }
}

enum class Which { y, x, w };

int compute(Which which, const float *alpha, const float *beta, const Tensor *x, void *px,
            const Filter *w, void *pw, const Tensor *y, void *py, const Convolution *c, int algo,
            void *workspace, size_t size) {
  if (!consistent(x, w, c, y)) return fail("descriptors do not fit");
  if (*alpha != 1 || *beta != 0) return fail("scaled");
  if (algo != kAlgorithm || workspace == nullptr || size != kWorkspace) return fail("workspace");
  static_cast<char *>(workspace)[size - 1] = 1;
  const Kind k = kind(x->type);
  const int64_t count = which == Which::y   ? static_cast<int64_t>(y->n) * y->c * y->h * y->w
                        : which == Which::x ? static_cast<int64_t>(x->n) * x->c * x->h * x->w
                                            : static_cast<int64_t>(w->k) * w->c * w->h * w->w;
  std::vector<double> sums(static_cast<size_t>(count));
  each(x, w, c, y, [&](int64_t ix, int64_t iw, int64_t iy) {
    if (which == Which::y) sums[iy] += get(px, ix, k) * get(pw, iw, k);
    if (which == Which::x) sums[ix] += get(py, iy, k) * get(pw, iw, k);
    if (which == Which::w) sums[iw] += get(py, iy, k) * get(px, ix, k);
  });
  void *to = which == Which::y ? py : which == Which::x ? px : pw;
  for (int64_t i = 0; i < count; ++i) put(to, i, k, sums[static_cast<size_t>(i)]);
  return kSuccess;
}

// The fastest does not work here, the next does.
int candidates(bool fits, int requested, int *count, Performance *found) {
  if (!fits || requested < 2) return fail("candidates");
  found[0] = {6, kUnsupported, -1, 0, 0, 0, {}};
  found[1] = {kAlgorithm, kSuccess, 0.5f, kWorkspace, 1, 1, {}};
  *count = 2;
  return kSuccess;
}

int workspace_size(bool fits, int algo, size_t *bytes) {
  if (!fits || algo != kAlgorithm) return fail("workspace size");
  *bytes = kWorkspace;
  return kSuccess;
}

template <class T>
int create(T **made) {
  ++open;
  *made = new T{};
  return kSuccess;
}

template <class T>
int destroy(T *made) {
  --open;
  delete made;
  return kSuccess;
}

}  // namespace

#define API extern "C" __attribute__((visibility("default")))

API int standin_open() { return open; }
API size_t cudnnGetVersion() { return 90100; }
API const char *cudnnGetErrorString(int status) {
  return status == kBadParam ? "CUDNN_STATUS_BAD_PARAM" : "CUDNN_STATUS_OTHER";
}
API void cudnnGetLastErrorString(char *text, size_t size) {
  std::snprintf(text, size, "%s", last_error.c_str());
}
API int cudnnCreate(int **handle) { return create(handle); }
API int cudnnDestroy(int *handle) { return destroy(handle); }
API int cudnnSetStream(int *handle, void *stream) {
  return handle != nullptr && stream == nullptr ? kSuccess : fail("stream");
}
API int cudnnCreateTensorDescriptor(Tensor **t) { return create(t); }
API int cudnnDestroyTensorDescriptor(Tensor *t) { return destroy(t); }
API int cudnnSetTensor4dDescriptor(Tensor *t, int format, int type, int n, int c, int h, int w) {
  *t = {type, n, c, h, w};
  return format == 1 ? kSuccess : fail("format");
}
API int cudnnCreateFilterDescriptor(Filter **f) { return create(f); }
API int cudnnDestroyFilterDescriptor(Filter *f) { return destroy(f); }
API int cudnnSetFilter4dDescriptor(Filter *f, int type, int format, int k, int c, int h, int w) {
  *f = {type, k, c, h, w};
  return format == 1 ? kSuccess : fail("format");
}
API int cudnnCreateConvolutionDescriptor(Convolution **c) { return create(c); }
API int cudnnDestroyConvolutionDescriptor(Convolution *c) { return destroy(c); }
API int cudnnSetConvolution2dDescriptor(Convolution *c, int pad_h, int pad_w, int u, int v,
                                        int dilation_h, int dilation_w, int mode, int type) {
  *c = {pad_h, pad_w, u, v};
  return dilation_h == 1 && dilation_w == 1 && mode == 1 && type == 0 ? kSuccess : fail("mode");
}
API int cudnnSetConvolutionGroupCount(Convolution *c, int groups) {
  c->groups = groups;
  return kSuccess;
}
API int cudnnSetConvolutionMathType(Convolution *c, int math) {
  c->math = math;
  return kSuccess;
}

API int cudnnGetConvolutionForwardAlgorithm_v7(int *, Tensor *x, Filter *w, Convolution *c,
                                               Tensor *y, int requested, int *count,
                                               Performance *found) {
  return candidates(consistent(x, w, c, y), requested, count, found);
}
API int cudnnGetConvolutionBackwardDataAlgorithm_v7(int *, Filter *w, Tensor *y, Convolution *c,
                                                    Tensor *x, int requested, int *count,
                                                    Performance *found) {
  return candidates(consistent(x, w, c, y), requested, count, found);
}
API int cudnnGetConvolutionBackwardFilterAlgorithm_v7(int *, Tensor *x, Tensor *y, Convolution *c,
                                                      Filter *w, int requested, int *count,
                                                      Performance *found) {
  return candidates(consistent(x, w, c, y), requested, count, found);
}
API int cudnnGetConvolutionForwardWorkspaceSize(int *, Tensor *x, Filter *w, Convolution *c,
                                                Tensor *y, int algo, size_t *bytes) {
  return workspace_size(consistent(x, w, c, y), algo, bytes);
}
API int cudnnGetConvolutionBackwardDataWorkspaceSize(int *, Filter *w, Tensor *y, Convolution *c,
                                                     Tensor *x, int algo, size_t *bytes) {
  return workspace_size(consistent(x, w, c, y), algo, bytes);
}
API int cudnnGetConvolutionBackwardFilterWorkspaceSize(int *, Tensor *x, Tensor *y, Convolution *c,
                                                       Filter *w, int algo, size_t *bytes) {
  return workspace_size(consistent(x, w, c, y), algo, bytes);
}
API int cudnnFindConvolutionForwardAlgorithmEx(int *, Tensor *x, void *px, Filter *w, void *pw,
                                               Convolution *c, Tensor *y, void *py, int requested,
                                               int *count, Performance *found, void *workspace,
                                               size_t size) {
  const bool fits = px && pw && py && workspace && size >= kWorkspace && consistent(x, w, c, y);
  return candidates(fits, requested, count, found);
}
API int cudnnFindConvolutionBackwardDataAlgorithmEx(int *, Filter *w, void *pw, Tensor *y, void *py,
                                                    Convolution *c, Tensor *x, void *px,
                                                    int requested, int *count, Performance *found,
                                                    void *workspace, size_t size) {
  const bool fits = px && pw && py && workspace && size >= kWorkspace && consistent(x, w, c, y);
  return candidates(fits, requested, count, found);
}
API int cudnnFindConvolutionBackwardFilterAlgorithmEx(int *, Tensor *x, void *px, Tensor *y,
                                                      void *py, Convolution *c, Filter *w, void *pw,
                                                      int requested, int *count, Performance *found,
                                                      void *workspace, size_t size) {
  const bool fits = px && pw && py && workspace && size >= kWorkspace && consistent(x, w, c, y);
  return candidates(fits, requested, count, found);
}
API int cudnnConvolutionForward(int *, const float *alpha, Tensor *x, void *px, Filter *w, void *pw,
                                Convolution *c, int algo, void *workspace, size_t size,
                                const float *beta, Tensor *y, void *py) {
  return compute(Which::y, alpha, beta, x, px, w, pw, y, py, c, algo, workspace, size);
}
API int cudnnConvolutionBackwardData(int *, const float *alpha, Filter *w, void *pw, Tensor *y,
                                     void *py, Convolution *c, int algo, void *workspace,
                                     size_t size, const float *beta, Tensor *x, void *px) {
  return compute(Which::x, alpha, beta, x, px, w, pw, y, py, c, algo, workspace, size);
}
API int cudnnConvolutionBackwardFilter(int *, const float *alpha, Tensor *x, void *px, Tensor *y,
                                       void *py, Convolution *c, int algo, void *workspace,
                                       size_t size, const float *beta, Filter *w, void *pw) {
  return compute(Which::w, alpha, beta, x, px, w, pw, y, py, c, algo, workspace, size);
}
