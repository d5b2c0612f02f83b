// libpixelwake_mpi.so: see pixelwake/mpi.h.
#include "pixelwake/mpi.h"

#include <mpi.h>
#include <sched.h>

#include <climits>
#include <string>
#include <vector>

namespace {

thread_local std::string last_error;
MPI_Request under_way = MPI_REQUEST_NULL;

pw_status fail(const std::string &what) {
  last_error = what;
  return PW_DEVICE;
}

pw_status result(const char *call, int code) {
  if (code == MPI_SUCCESS) return PW_OK;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return fail(std::string(call) + ": " + text);
}

// A processor that several processes of this machine may use counts for each by an equal part:
// bound by mpirun or not, all of them together use no more than there are.
int32_t share_of_processors(MPI_Comm machine) {
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) return 1;
  std::vector<int> own(CPU_SETSIZE), users(CPU_SETSIZE);
  for (int i = 0; i < CPU_SETSIZE; ++i) own[i] = CPU_ISSET(i, &usable) ? 1 : 0;
  if (MPI_Allreduce(own.data(), users.data(), CPU_SETSIZE, MPI_INT, MPI_SUM, machine) !=
      MPI_SUCCESS)
    return 1;
  double share = 1e-6;  // against what the sum of thirds lacks
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (own[i] != 0) share += 1.0 / users[i];
  }
  return share < 1 ? 1 : static_cast<int32_t>(share);
}

// Bytes as so many elements of a type, as MPI counts in int.
struct Count {
  MPI_Datatype type;
  int count;
  bool fits;
  explicit Count(int64_t bytes) : type(bytes % 4 == 0 ? MPI_INT32_T : MPI_BYTE) {
    const int64_t elements = bytes % 4 == 0 ? bytes / 4 : bytes;
    fits = elements >= 0 && elements <= INT_MAX;
    count = fits ? static_cast<int>(elements) : 0;
  }
};

pw_status startable(const char *call, const Count &count) {
  if (under_way != MPI_REQUEST_NULL)
    return fail(std::string(call) + ": another exchange is under way");
  if (!count.fits) return fail(std::string(call) + ": too many bytes at once");
  return PW_OK;
}

}  // namespace

int32_t pw_mpi_abi_version(void) { return PW_MPI_ABI_VERSION; }

const char *pw_mpi_library(void) {
  static const std::string name = [] {
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    MPI_Get_library_version(text, &length);
    // Its first line or clause: the rest is about the build.
    const std::string all(text);
    return all.substr(0, all.find_first_of(",\n"));
  }();
  return name.c_str();
}

const char *pw_mpi_last_error(void) { return last_error.c_str(); }

pw_status pw_mpi_init(pw_mpi_place *place) {
  int initialised = 0;
  MPI_Initialized(&initialised);
  if (initialised != 0) return fail("init: MPI has been initialised already");
  int provided = MPI_THREAD_SINGLE;
  pw_status status =
      result("MPI_Init_thread", MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided));
  if (status != PW_OK) return status;
  if (provided < MPI_THREAD_FUNNELED) return fail("this MPI cannot work beside other threads");
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm machine = MPI_COMM_NULL;
  status = result("MPI_Comm_split_type", MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED,
                                                             0, MPI_INFO_NULL, &machine));
  if (status != PW_OK) return status;
  MPI_Comm_rank(MPI_COMM_WORLD, &place->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &place->size);
  MPI_Comm_rank(machine, &place->local_rank);
  MPI_Comm_size(machine, &place->local_size);
  place->processors = share_of_processors(machine);
  return result("MPI_Comm_free", MPI_Comm_free(&machine));
}

pw_status pw_mpi_allgather(const void *own, void *all, int64_t bytes) {
  const Count n(bytes);
  const pw_status status = startable("allgather", n);
  if (status != PW_OK) return status;
  return result("MPI_Iallgather", MPI_Iallgather(own, n.count, n.type, all, n.count, n.type,
                                                 MPI_COMM_WORLD, &under_way));
}

pw_status pw_mpi_alltoall(const void *parts, void *received, int64_t bytes) {
  const Count n(bytes);
  const pw_status status = startable("alltoall", n);
  if (status != PW_OK) return status;
  return result("MPI_Ialltoall", MPI_Ialltoall(parts, n.count, n.type, received, n.count, n.type,
                                               MPI_COMM_WORLD, &under_way));
}

pw_status pw_mpi_barrier(void) {
  const pw_status status = startable("barrier", Count(0));
  if (status != PW_OK) return status;
  return result("MPI_Ibarrier", MPI_Ibarrier(MPI_COMM_WORLD, &under_way));
}

pw_status pw_mpi_test(int32_t *done) {
  int flag = 0;
  const pw_status status = result("MPI_Test", MPI_Test(&under_way, &flag, MPI_STATUS_IGNORE));
  *done = flag != 0 ? 1 : 0;
  return status;
}

pw_status pw_mpi_finalize(void) {
  if (under_way != MPI_REQUEST_NULL) return fail("finalize: an exchange is under way");
  return result("MPI_Finalize", MPI_Finalize());
}

pw_status pw_mpi_abort(int32_t code) {
  return result("MPI_Abort", MPI_Abort(MPI_COMM_WORLD, code));
}
