#include <vector>

#include "checks.h"

namespace pw {
namespace {

// The caller's pieces, kept for as long as the work on them may be run again.
template <class Piece>
class Kept {
 public:
  Kept(const Checks &checks, int64_t count, const Piece *piece) {
    checks.require(count >= 0, "the number of pieces must not be negative");
    checks.require(count == 0 || piece != nullptr, "the pieces are null");
    pieces_.assign(piece, piece + count);
    starts_.reserve(static_cast<size_t>(count) + 1);
    int64_t next = 0;
    for (const Piece &p : pieces_) {
      checks.require(p.count >= 0, "the count of a piece must not be negative");
      checks.size({p.count});
      starts_.push_back(next);
      next += (p.count + kPieceStart - 1) / kPieceStart * kPieceStart;
      checks.size({next});
    }
    starts_.push_back(next);
  }

  const std::vector<Piece> &pieces() const { return pieces_; }
  Pieces<Piece> view() const {
    return {pieces_.data(), starts_.data(), static_cast<int64_t>(pieces_.size())};
  }

 private:
  std::vector<Piece> pieces_;
  std::vector<int64_t> starts_;
};

template <class Piece>
int64_t workspace(const char *operation, pw_device *device, int64_t count, const Piece *piece) {
  return size_of(operation, device, [&](const Checks &checks, const Kernels &kernels, int) {
    return kernels.gradient_norm_workspace(Kept<Piece>(checks, count, piece).view().elements());
  });
}

}  // namespace
}  // namespace pw

int64_t pw_gradient_norm_workspace(pw_device *device, int64_t vectors, const pw_vector *vector) {
  return pw::workspace("gradient_norm_workspace", device, vectors, vector);
}

pw_status pw_gradient_norm(pw_stream *stream, int64_t vectors, const pw_vector *vector, float *norm,
                           void *workspace) {
  return pw::operation("gradient_norm", stream, [&](const pw::Checks &checks) {
    checks.require(norm != nullptr, "norm is null");
    checks.require(workspace != nullptr, "workspace is null");
    pw::Kept<pw_vector> kept(checks, vectors, vector);
    for (const pw_vector &v : kept.pieces()) {
      checks.require(v.count == 0 || v.data != nullptr, "a vector is null");
    }
    return [=, kept = std::move(kept)](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.gradient_norm(pool, kept.view(), norm, workspace);
    };
  });
}

int64_t pw_adamw_workspace(pw_device *device, int64_t parameters, const pw_parameter *parameter) {
  return pw::workspace("adamw_workspace", device, parameters, parameter);
}

pw_status pw_adamw_step(pw_stream *stream, const pw_adamw *adamw, const pw_step *step,
                        const float *norm, int64_t parameters, const pw_parameter *parameter,
                        float *measured, void *workspace) {
  return pw::operation("adamw_step", stream, [&](const pw::Checks &checks) {
    checks.require(adamw != nullptr, "the descriptor is null");
    checks.require(adamw->clip_norm >= 0, "clip_norm must not be negative");
    checks.require(adamw->clip_norm == 0 || norm != nullptr, "clipping needs norm, which is null");
    checks.require(step != nullptr, "step is null");
    checks.require(measured == nullptr || workspace != nullptr,
                   "measuring the norm needs the workspace, which is null");
    pw::Kept<pw_parameter> kept(checks, parameters, parameter);
    for (const pw_parameter &p : kept.pieces()) {
      checks.require(p.count == 0 || (p.value != nullptr && p.gradient != nullptr &&
                                      p.m != nullptr && p.v != nullptr),
                     "a buffer is null");
      checks.require(p.rate >= 0, "the rate of a piece must not be negative");
    }
    return [=, d = *adamw, kept = std::move(kept)](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.adamw_step(pool, d, step, norm, kept.view(), measured, workspace);
    };
  });
}

pw_status pw_average_step(pw_stream *stream, int64_t count, const pw_step *step, const float *value,
                          float *average) {
  return pw::operation("average_step", stream, [&](const pw::Checks &checks) {
    checks.require(count >= 0, "count must not be negative");
    checks.size({count});
    checks.require(step != nullptr, "step is null");
    checks.require(count == 0 || (value != nullptr && average != nullptr), "a buffer is null");
    return [=](const pw::Kernels &kernels, pw::Pool &pool) {
      kernels.average(pool, count, step, value, average);
    };
  });
}
