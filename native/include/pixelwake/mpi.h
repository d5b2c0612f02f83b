/* What data-parallel training needs of MPI, as plain C: libpixelwake_mpi.so, built where an MPI is
 * found.
 *
 * Every exchange is started, and pw_mpi_test then asked until it is done, so that the caller may
 * look at other things while it waits, and give up. One exchange is under way at a time; its
 * buffers belong to MPI until it is done. All calls come from the thread that called pw_mpi_init,
 * but for pw_mpi_last_error and pw_mpi_library. Processes are numbered by `rank`, from 0. Errors of
 * MPI come back as a status with a text, as far as MPI returns from them.
 */
/* One prototype a line: a test parses this header. */
/* clang-format off */
#ifndef PIXELWAKE_MPI_H
#define PIXELWAKE_MPI_H

#include "pixelwake/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a signature, a struct or a meaning below changes. */
#define PW_MPI_ABI_VERSION 1

typedef struct pw_mpi_place {
  int32_t rank;
  int32_t size;       /* processes in all */
  int32_t local_rank; /* among those of this machine */
  int32_t local_size;
  int32_t processors; /* this process's share of the processors that it may use, at least 1 */
} pw_mpi_place;

PW_API int32_t pw_mpi_abi_version(void);
/* Name and version of the MPI library. */
PW_API const char *pw_mpi_library(void);
/* Of the last call of this thread that failed. */
PW_API const char *pw_mpi_last_error(void);

/* Joins the processes that mpirun started; alone, where none did. Once in the life of a process. */
PW_API pw_status pw_mpi_init(pw_mpi_place *place);
/* all [size][bytes], in the order of ranks, from every process's own [bytes]. */
PW_API pw_status pw_mpi_allgather(const void *own, void *all, int64_t bytes);
/* received [size][bytes] from part number `rank` of every process's parts [size][bytes]. */
PW_API pw_status pw_mpi_alltoall(const void *parts, void *received, int64_t bytes);
/* Is done when every process has started it. */
PW_API pw_status pw_mpi_barrier(void);
/* done: 1 where the exchange under way is complete. */
PW_API pw_status pw_mpi_test(int32_t *done);
/* To be called by all processes, with no exchange under way. */
PW_API pw_status pw_mpi_finalize(void);
/* Ends all processes, this one too; `code` becomes mpirun's exit code where it hands one on. */
PW_API pw_status pw_mpi_abort(int32_t code);

#ifdef __cplusplus
}
#endif

#endif
