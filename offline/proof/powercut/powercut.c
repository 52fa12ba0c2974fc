/*
 * A disk that can lose power, for tests. Loaded in front of the C library
 * (LD_PRELOAD), it watches what a program does to the files of one folder,
 * remembers what each 512-byte piece held before it was written, and forgets
 * that once the file is synced. At a given call the power goes: of the pieces
 * that were not synced some are kept and some put back, file sizes, new files
 * and removed files likewise, and the process ends at once. The same counter
 * can make one call, or every call from one on, fail with ENOSPC or EIO.
 *
 * It sees only calls that go through the C library: SQLite's do, the Go
 * runtime's own file writes do not (those behave as on a disk that never
 * forgets). Memory maps are not watched; SQLite maps only its -shm file, which
 * it rebuilds from the log after a crash.
 *
 * Environment:
 *   POWERCUT_DIR    the watched folder, absolute and without links
 *   POWERCUT_COUNT  a file of three 8-byte numbers: calls so far; 1 once the power
 *                   went; and, written by the suite, 1 while every call fails with EIO
 *   POWERCUT_SEED   seed of what is kept at the cut
 *   POWERCUT_AT     the call at which the power goes; 0 or unset for never
 *   POWERCUT_LIE    1: a sync answers "done" and does nothing (a lying disk)
 *   POWERCUT_FAIL   the call that fails; 0 or unset for none
 *   POWERCUT_ERRNO  28 (ENOSPC: growing calls only) or 5 (EIO: any call)
 *   POWERCUT_TIMES  how many such calls fail from there on; 0 for all
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECE 512
#define MAX_FILES 256
#define CUT_EXIT 86 /* the exit code of a process whose power went */

typedef struct {
	uint64_t number; /* offset / PIECE, plus one so that zero is free */
	int had;         /* bytes the piece held before; fewer than PIECE at the end of the file */
	unsigned char old[PIECE];
} piece;

typedef struct {
	dev_t dev;
	ino_t ino;
	char path[PATH_MAX];
	int fd;      /* our own descriptor, for the day of the cut */
	int created; /* made since the folder or the file was last synced */
	int changed;
	off_t synced_size;
	piece *pieces; /* open addressing */
	size_t room, used;
} file;

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static int (*real_close)(int);
static int (*real_fallocate)(int, off_t, off_t);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static file files[MAX_FILES];
static int file_count;
static char folder[PATH_MAX];
static size_t folder_length;
static volatile uint64_t *count; /* shared with the suite */
static uint64_t cut_at, fail_at, fail_times, fail_done, seed;
static int fail_errno, lie;

static uint64_t number_of(const char *name) {
	const char *text = getenv(name);
	return text ? strtoull(text, NULL, 10) : 0;
}

static void setup(void) {
	real_open = dlsym(RTLD_NEXT, "open64");
	real_pread = dlsym(RTLD_NEXT, "pread64");
	real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
	real_write = dlsym(RTLD_NEXT, "write");
	real_writev = dlsym(RTLD_NEXT, "writev");
	real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
	real_fsync = dlsym(RTLD_NEXT, "fsync");
	real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	real_unlink = dlsym(RTLD_NEXT, "unlink");
	real_close = dlsym(RTLD_NEXT, "close");
	real_fallocate = dlsym(RTLD_NEXT, "posix_fallocate64");
	const char *dir = getenv("POWERCUT_DIR"), *shared = getenv("POWERCUT_COUNT");
	if (dir) {
		snprintf(folder, sizeof folder, "%s/", dir);
		folder_length = strlen(folder);
	}
	if (shared) {
		int fd = real_open(shared, O_RDWR);
		if (fd >= 0) {
			void *map = mmap(NULL, 24, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
			if (map != MAP_FAILED) count = map;
			real_close(fd);
		}
	}
	cut_at = number_of("POWERCUT_AT");
	fail_at = number_of("POWERCUT_FAIL");
	fail_times = number_of("POWERCUT_TIMES");
	fail_errno = (int)number_of("POWERCUT_ERRNO");
	lie = (int)number_of("POWERCUT_LIE");
	seed = number_of("POWERCUT_SEED") * 0x9e3779b97f4a7c15ULL + 1;
}

static uint64_t dice(void) { /* splitmix64 */
	uint64_t z = (seed += 0x9e3779b97f4a7c15ULL);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static file *of(int fd) {
	struct stat st;
	if (!folder_length || file_count == 0 || fstat(fd, &st) != 0) return NULL;
	for (int i = 0; i < file_count; i++)
		if (files[i].ino == st.st_ino && files[i].dev == st.st_dev) return &files[i];
	return NULL;
}

static piece *slot(file *f, uint64_t number) {
	size_t at = (number * 0x9e3779b97f4a7c15ULL) & (f->room - 1);
	while (f->pieces[at].number && f->pieces[at].number != number) at = (at + 1) & (f->room - 1);
	return &f->pieces[at];
}

static void room_for_one_more(file *f) {
	if (f->room && f->used * 2 < f->room) return;
	piece *old = f->pieces;
	size_t before = f->room;
	f->room = before ? before * 2 : 64;
	f->pieces = calloc(f->room, sizeof *f->pieces);
	if (!f->pieces) abort();
	for (size_t i = 0; i < before; i++)
		if (old[i].number) *slot(f, old[i].number) = old[i];
	free(old);
}

/* remember keeps what the pieces from..to held, where not kept already since the last sync. */
static void remember(file *f, off_t from, off_t to) {
	f->changed = 1;
	for (uint64_t n = (uint64_t)from / PIECE; (off_t)(n * PIECE) < to; n++) {
		room_for_one_more(f);
		piece *p = slot(f, n + 1);
		if (p->number) continue;
		p->number = n + 1;
		f->used++;
		ssize_t had = real_pread(f->fd, p->old, PIECE, (off_t)(n * PIECE));
		p->had = had > 0 ? (int)had : 0;
	}
}

static void forget(file *f) {
	struct stat st;
	free(f->pieces);
	f->pieces = NULL;
	f->room = f->used = 0;
	f->changed = f->created = 0;
	if (fstat(f->fd, &st) == 0) f->synced_size = st.st_size;
}

/* put_back leaves the file as a disk may hold it after the cut. how: 0 nothing
 * of the un-synced is there, 1 all of it, 2 each piece by chance. */
static void put_back(file *f, int how) {
	struct stat st;
	if (fstat(f->fd, &st) != 0) return;
	if (f->created && (how == 0 || (how == 2 && dice() % 2))) {
		struct stat now; /* another file may have taken the name meanwhile */
		if (stat(f->path, &now) == 0 && now.st_ino == f->ino) real_unlink(f->path);
		return;
	}
	if (!f->changed || how == 1) return;
	off_t size = how == 0 || dice() % 2 ? f->synced_size : st.st_size;
	for (size_t i = 0; i < f->room; i++) {
		piece *p = &f->pieces[i];
		if (!p->number) continue;
		off_t at = (off_t)(p->number - 1) * PIECE;
		int regrown = size > st.st_size && at + PIECE > st.st_size;
		if (how == 2 && !regrown && dice() % 2) continue;
		memset(p->old + p->had, 0, PIECE - (size_t)p->had);
		if (real_pwrite(f->fd, p->old, PIECE, at) < 0) abort();
	}
	if (real_ftruncate(f->fd, size) != 0) abort();
}

static void cut(void) {
	int how = (int)(dice() % 5);
	if (how > 2) how = 2;
	for (int i = 0; i < file_count; i++) put_back(&files[i], how);
	if (count) count[1] = 1;
	_exit(CUT_EXIT);
}

/* called counts a call; the lock is held. It returns the error to fail with, or 0. */
static int called(int grows) {
	uint64_t now = 0;
	if (count) now = ++count[0];
	if (cut_at && now == cut_at) return -1; /* the caller does its work first, then the power goes */
	if (count && count[2]) return EIO;
	if (fail_at && now >= fail_at && (fail_errno == EIO || grows) && (!fail_times || fail_done < fail_times)) {
		fail_done++;
		return fail_errno;
	}
	return 0;
}

static int watched(const char *path) {
	return folder_length && path && strncmp(path, folder, folder_length) == 0;
}

static int open_watched(const char *path, int flags, mode_t mode) {
	pthread_mutex_lock(&lock);
	int existed = access(path, F_OK) == 0;
	struct stat st;
	int fd = real_open(path, flags, mode);
	/* -shm is a memory map: watching its file would tell nothing */
	size_t length = strlen(path);
	int shm = length > 4 && strcmp(path + length - 4, "-shm") == 0;
	if (fd >= 0 && !shm && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !of(fd)) {
		if (file_count == MAX_FILES) abort();
		file *f = &files[file_count];
		memset(f, 0, sizeof *f);
		f->dev = st.st_dev;
		f->ino = st.st_ino;
		snprintf(f->path, sizeof f->path, "%s", path);
		/* Locks are the process's and go when any descriptor of the file is closed: this one never is. */
		f->fd = real_open(path, O_RDWR | O_CLOEXEC);
		if (f->fd >= 0) {
			f->created = !existed;
			f->synced_size = st.st_size;
			file_count++;
		}
	}
	pthread_mutex_unlock(&lock);
	return fd;
}

int open64(const char *path, int flags, ...) {
	pthread_once(&once, setup);
	mode_t mode = 0;
	if (flags & (O_CREAT | O_TMPFILE)) {
		va_list args;
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return watched(path) ? open_watched(path, flags, mode) : real_open(path, flags, mode);
}

int open(const char *path, int flags, ...) {
	pthread_once(&once, setup);
	mode_t mode = 0;
	if (flags & (O_CREAT | O_TMPFILE)) {
		va_list args;
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	return watched(path) ? open_watched(path, flags, mode) : real_open(path, flags, mode);
}

static ssize_t put(int fd, const void *data, size_t length, off_t at) {
	pthread_once(&once, setup);
	pthread_mutex_lock(&lock);
	file *f = of(fd);
	struct stat st;
	int verdict = f && fstat(fd, &st) == 0 ? called(at + (off_t)length > st.st_size) : 0;
	ssize_t n;
	if (verdict > 0) {
		errno = verdict;
		n = -1;
	} else {
		if (f) remember(f, at, at + (off_t)length);
		n = real_pwrite(fd, data, length, at);
		if (verdict < 0) cut();
	}
	pthread_mutex_unlock(&lock);
	return n;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t at) { return put(fd, data, length, at); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return put(fd, data, length, at); }

ssize_t write(int fd, const void *data, size_t length) {
	pthread_once(&once, setup);
	pthread_mutex_lock(&lock);
	int mine = of(fd) != NULL;
	pthread_mutex_unlock(&lock);
	if (!mine) return real_write(fd, data, length);
	off_t at = lseek(fd, 0, SEEK_CUR);
	ssize_t n = put(fd, data, length, at);
	if (n > 0) lseek(fd, at + n, SEEK_SET);
	return n;
}

ssize_t writev(int fd, const struct iovec *parts, int n) {
	pthread_once(&once, setup);
	pthread_mutex_lock(&lock);
	int mine = of(fd) != NULL;
	pthread_mutex_unlock(&lock);
	if (!mine) return real_writev(fd, parts, n);
	ssize_t all = 0;
	for (int i = 0; i < n; i++) {
		ssize_t one = write(fd, parts[i].iov_base, parts[i].iov_len);
		if (one < 0) return all ? all : -1;
		all += one;
		if ((size_t)one < parts[i].iov_len) break;
	}
	return all;
}

static int resize(int fd, off_t size) {
	pthread_once(&once, setup);
	pthread_mutex_lock(&lock);
	file *f = of(fd);
	struct stat st;
	int verdict = 0, result;
	if (f && fstat(fd, &st) == 0) verdict = called(size > st.st_size);
	if (verdict > 0) {
		errno = verdict;
		result = -1;
	} else {
		if (f && size < st.st_size) remember(f, size, st.st_size);
		if (f) f->changed = 1;
		result = real_ftruncate(fd, size);
		if (verdict < 0) cut();
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int ftruncate64(int fd, off_t size) { return resize(fd, size); }
int ftruncate(int fd, off_t size) { return resize(fd, size); }

int posix_fallocate64(int fd, off_t from, off_t length) {
	pthread_once(&once, setup);
	pthread_mutex_lock(&lock);
	file *f = of(fd);
	int verdict = f ? called(1) : 0;
	if (f) f->changed = 1;
	int result = verdict > 0 ? verdict : real_fallocate(fd, from, length);
	if (verdict < 0) cut();
	pthread_mutex_unlock(&lock);
	return result;
}

int posix_fallocate(int fd, off_t from, off_t length) { return posix_fallocate64(fd, from, length); }

/* settle is a sync: of a file, or of the folder, which makes its new files stay. */
static int settle(int fd, int (*real)(int)) {
	pthread_mutex_lock(&lock);
	file *f = of(fd);
	struct stat st, dir;
	int is_folder = !f && folder_length && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) &&
	                stat(folder, &dir) == 0 && st.st_ino == dir.st_ino && st.st_dev == dir.st_dev;
	int verdict = f || is_folder ? called(0) : 0, result = 0;
	if (verdict < 0) cut(); /* before the sync: it never happened */
	if (verdict > 0) {
		errno = verdict;
		result = -1;
	} else if (f && !lie) {
		/* What the machine under the test does with its own disk is no part of it: nothing is really synced. */
		forget(f);
	} else if (is_folder && !lie) {
		for (int i = 0; i < file_count; i++) files[i].created = 0;
	} else if (!f && !is_folder) {
		result = real(fd);
	}
	pthread_mutex_unlock(&lock);
	return result;
}

int fsync(int fd) {
	pthread_once(&once, setup);
	return settle(fd, real_fsync);
}

int fdatasync(int fd) {
	pthread_once(&once, setup);
	return settle(fd, real_fdatasync);
}

int unlink(const char *path) {
	pthread_once(&once, setup);
	if (!watched(path)) return real_unlink(path);
	pthread_mutex_lock(&lock);
	int verdict = called(0), result;
	if (verdict < 0) {
		if (dice() % 2) real_unlink(path);
		cut();
	}
	if (verdict > 0) {
		errno = verdict;
		result = -1;
	} else {
		result = real_unlink(path);
		/* The file's pieces are of no use without a name. */
		for (int i = 0; i < file_count; i++)
			if (strcmp(files[i].path, path) == 0) {
				real_close(files[i].fd);
				free(files[i].pieces);
				files[i] = files[--file_count];
				break;
			}
	}
	pthread_mutex_unlock(&lock);
	return result;
}
