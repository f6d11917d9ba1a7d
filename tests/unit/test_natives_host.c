/* test_natives_host.c - natives that ask the host: files, input, the process,
 * time; in scopes, in traced windows, and where the host says no. */
#include "tests/unit/native_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/pal-host-XXXXXX";

static int setup(void **state)
{
    struct kit *k = calloc(1, sizeof *k);
    if (!k || !mkdtemp(dir))
        return -1;
    k->opt.heap = 16 << 20;
    kit_open(k);
    *state = k;
    return 0;
}

static int teardown(void **state)
{
    kit_close(*state);
    free(*state);
    return rmdir(dir); /* the tests leave nothing in it */
}

/* A path in the directory, in argument 0. */
static void path_in(struct kit *k, const char *name)
{
    char text[200];
    snprintf(text, sizeof text, "%s/%s", dir, name);
    kit_str(k, 0, text);
}

static void remove_it(struct kit *k, const char *name)
{
    path_in(k, name);
    kit_do(k, "io_remove");
}

static void write_it(struct kit *k, const char *native, const char *name,
                     const char *text)
{
    path_in(k, name);
    uint64_t path = kit_keep(k, k->r[0]);
    kit_str(k, 1, text);
    k->r[0] = kit_get(k, path);
    kit_do(k, native);
}

static void make_raw(const char *name, const char *bytes, size_t n)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    close(fd);
}

/* ---- files --------------------------------------------------------------- */

static void reads_what_was_written(void **state)
{
    struct kit *k = *state;
    write_it(k, "io_write_file", "a.txt", "héllo");
    write_it(k, "io_append_file", "a.txt", "\n2");
    write_it(k, "io_append_file", "b.txt", "");
    path_in(k, "a.txt");
    kit_do(k, "io_read_file");
    kit_is(k, k->r[0], "héllo\n2");
    path_in(k, "a.txt");
    kit_do(k, "io_file_size");
    assert_int_equal(k->s[0], 8);
    path_in(k, "b.txt");
    kit_do(k, "io_read_file");
    kit_is(k, k->r[0], "");
    path_in(k, "b.txt");
    kit_do(k, "io_read_bytes");
    kit_prints(k, k->r[0], "[]");
    write_it(k, "io_write_file", "a.txt", "x");
    path_in(k, "a.txt");
    kit_do(k, "io_read_file");
    kit_is(k, k->r[0], "x");
    remove_it(k, "a.txt");
    remove_it(k, "b.txt");
    path_in(k, "a.txt");
    kit_do(k, "io_exists");
    assert_int_equal(k->s[0], 0);
}

static void reads_bytes(void **state)
{
    struct kit *k = *state;
    kit_list(k, 1, PVM_T_LIST_BYTE, (int64_t[]){0, 255, 10}, 3);
    uint64_t list = kit_keep(k, k->r[1]);
    path_in(k, "raw");
    k->r[1] = kit_get(k, list);
    uint64_t path = kit_keep(k, k->r[0]);
    kit_do(k, "io_write_bytes");
    k->r[0] = kit_get(k, path);
    k->r[1] = kit_get(k, list);
    kit_do(k, "io_append_bytes");
    k->r[0] = kit_get(k, path);
    kit_do(k, "io_read_bytes");
    kit_prints(k, k->r[0], "[0, 255, 10, 0, 255, 10]");
    k->r[0] = kit_get(k, path);
    kit_fails(k, "io_read_file", VM_UTF8);
    assert_non_null(strstr(k->vm->trap_text, "is not UTF-8, at byte 1"));
    remove_it(k, "raw");
}

static void knows_directories(void **state)
{
    struct kit *k = *state;
    path_in(k, "sub");
    kit_do(k, "io_make_dir");
    path_in(k, "sub");
    kit_do(k, "io_is_dir");
    assert_int_equal(k->s[0], 1);
    path_in(k, "sub");
    kit_do(k, "io_exists");
    assert_int_equal(k->s[0], 1);
    path_in(k, "sub");
    kit_fails(k, "io_make_dir", VM_IO);
    static const char *const names[] = {"sub/b", "sub/é", "sub/a", "sub/.c"};
    for (int i = 0; i < 4; i++)
        write_it(k, "io_write_file", names[i], "");
    path_in(k, "sub");
    kit_do(k, "io_list_dir");
    kit_prints(k, k->r[0], "[\".c\", \"a\", \"b\", \"é\"]");
    path_in(k, "sub");
    kit_fails(k, "io_remove", VM_IO); /* it is not empty */
    path_in(k, "sub");
    kit_fails(k, "io_read_file", VM_IO);
    path_in(k, "sub/a");
    kit_do(k, "io_is_dir");
    assert_int_equal(k->s[0], 0);
    for (int i = 0; i < 4; i++)
        remove_it(k, names[i]);
    make_raw("sub/\xff", "", 0);
    path_in(k, "sub");
    kit_fails(k, "io_list_dir", VM_UTF8);
    char path[200];
    snprintf(path, sizeof path, "%s/sub/\xff", dir);
    assert_int_equal(unlink(path), 0);
    char to[200];
    snprintf(to, sizeof to, "%s/other", dir);
    path_in(k, "sub");
    uint64_t from = kit_keep(k, k->r[0]);
    kit_str(k, 1, to);
    k->r[0] = kit_get(k, from);
    kit_do(k, "io_rename");
    remove_it(k, "other");
}

static void says_why_not(void **state)
{
    static const char *const one[] = {"io_read_file", "io_read_bytes",
                                      "io_file_size", "io_list_dir",
                                      "io_remove"};
    static const char *const two[] = {"io_write_file", "io_append_file",
                                      "io_rename"};
    struct kit *k = *state;
    for (int i = 0; i < 5; i++) {
        path_in(k, "no/such");
        kit_fails(k, one[i], VM_IO);
        assert_non_null(strstr(k->vm->trap_text, "no/such: No such file"));
        kit_str(k, 0, "");
        kit_fails(k, one[i], VM_IO);
        k->r[0] = kit_bytes(k, "a\0b", 3);
        kit_fails(k, one[i], VM_IO);
        assert_string_equal(k->vm->trap_text, "a path holds a NUL character");
    }
    for (int i = 0; i < 3; i++) {
        kit_str(k, 1, "text");
        path_in(k, "no/such");
        kit_str(k, 1, "text");
        kit_fails(k, two[i], VM_IO);
    }
    path_in(k, "x");
    k->r[1] = kit_bytes(k, "a\0b", 3);
    path_in(k, "x");
    kit_fails(k, "io_rename", VM_IO);
    char name[700] = "";
    for (int i = 0; i < 300; i++)
        strcat(name, "é");
    kit_str(k, 0, name);
    kit_fails(k, "io_read_file", VM_IO); /* cut between characters */
    assert_non_null(strstr(k->vm->trap_text, "é: File name too long"));
}

/* What is larger than the heap, and what has no end. */
static void large_files_are_refused(void **state)
{
    struct kit *k = *state;
    char path[200];
    kit_str(k, 0, "/dev/zero");
    kit_fails(k, "io_read_file", VM_MEMORY);
    kit_str(k, 0, "/dev/zero");
    kit_fails(k, "io_read_bytes", VM_MEMORY);
    make_raw("large", "", 0);
    snprintf(path, sizeof path, "%s/large", dir);
    assert_int_equal(truncate(path, INT64_C(1) << 40), 0);
    path_in(k, "large");
    kit_fails(k, "io_read_file", VM_MEMORY);
    assert_int_equal(truncate(path, 3 << 20), 0);
    path_in(k, "large");
    kit_do(k, "io_read_file");
    assert_int_equal(str_len(k->h, k->r[0]), 3 << 20);
    remove_it(k, "large");
    kit_str(k, 0, "/proc/self/status"); /* its size is said to be 0 */
    kit_do(k, "io_read_file");
    assert_true(str_len(k->h, k->r[0]) > 100);
}

static void no_descriptor_is_left(void **state)
{
    struct kit *k = *state;
    int before = open("/dev/null", O_RDONLY);
    close(before);
    reads_what_was_written(state);
    reads_bytes(state);
    knows_directories(state);
    says_why_not(state);
    large_files_are_refused(state);
    int after = open("/dev/null", O_RDONLY);
    close(after);
    assert_int_equal(before, after);
    (void)k;
}

/* ---- scopes -------------------------------------------------------------- */

static void scopes_refuse_what_stays(void **state)
{
    static const char *const acts[] = {
        "io_write_file", "io_append_file", "io_remove",  "io_make_dir",
        "io_rename",     "io_read_line",   "io_read_all"};
    struct kit *k = *state;
    write_it(k, "io_write_file", "kept", "text");
    for (int i = 0; i < 7; i++) {
        kit_scope(k);
        path_in(k, "kept");
        kit_str(k, 1, "new");
        path_in(k, "kept");
        unsigned asked = k->asked;
        kit_fails(k, acts[i], VM_EFFECT);
        assert_int_equal(k->asked, asked);
        assert_non_null(strstr(k->vm->trap_text, "io."));
        while (k->h->st->nmarks)
            kit_undo(k);
    }
    kit_scope(k);
    path_in(k, "kept");
    kit_do(k, "io_read_file");
    kit_is(k, k->r[0], "text");
    kit_undo(k);
    remove_it(k, "kept");
}

/* ---- input --------------------------------------------------------------- */

static void line_is(struct kit *k, const char *want)
{
    kit_do(k, "io_read_line");
    assert_int_equal(k->s[0], want != NULL);
    kit_is(k, k->r[0], want ? want : "");
}

static void reads_lines(void **state)
{
    struct kit *k = *state;
    for (size_t chunk = 0; chunk < 5; chunk++) {
        k->input = "one\n\ntwo\r\nthrée";
        k->chunk = chunk;
        line_is(k, "one");
        line_is(k, "");
        line_is(k, "two");
        line_is(k, "thrée");
        line_is(k, NULL);
        line_is(k, NULL);
        k->input = "a\nb\nc"; /* a terminal may go on */
        line_is(k, "a");
        kit_do(k, "io_read_all");
        kit_is(k, k->r[0], "b\nc");
        kit_do(k, "io_read_all");
        kit_is(k, k->r[0], "");
    }
}

static void reads_long_lines(void **state)
{
    enum { N = 300000 };
    struct kit *k = *state;
    char *text = malloc(N + 3);
    assert_non_null(text);
    memset(text, 'x', N);
    memcpy(text + N, "\ny", 3);
    k->h->gc_stress = 3;
    gc_set_room(k->h);
    k->input = text;
    k->chunk = 1000;
    kit_do(k, "io_read_line");
    assert_int_equal(str_len(k->h, k->r[0]), N);
    line_is(k, "y");
    line_is(k, NULL);
    k->h->gc_stress = 0;
    gc_set_room(k->h);
    free(text);
}

static void input_may_be_no_text(void **state)
{
    struct kit *k = *state;
    k->chunk = 0;
    k->input = "ab\xff\nnext\n";
    kit_fails(k, "io_read_line", VM_UTF8);
    assert_string_equal(k->vm->trap_text, "the input is not UTF-8, at byte 2");
    kit_fails(k, "io_read_all", VM_UTF8);
    /* nothing was taken: forget it */
    uint64_t world = k->h->st->world;
    *obj_word(k->h, world, WORLD_INPOS) =
        list_len(k->h, *obj_word(k->h, world, WORLD_IN));
}

/* ---- the process, time --------------------------------------------------- */

static void knows_the_process(void **state)
{
    struct kit *k = *state;
    setenv("PAL_TEST_HOST", "välue", 1);
    kit_str(k, 0, "PAL_TEST_HOST");
    kit_do(k, "os_env");
    assert_int_equal(k->s[0], 1);
    kit_is(k, k->r[0], "välue");
    setenv("PAL_TEST_HOST", "\xff", 1);
    kit_str(k, 0, "PAL_TEST_HOST");
    kit_fails(k, "os_env", VM_UTF8);
    unsetenv("PAL_TEST_HOST");
    kit_str(k, 0, "PAL_TEST_HOST");
    kit_do(k, "os_env");
    assert_int_equal(k->s[0], 0);
    kit_is(k, k->r[0], "");
    kit_do(k, "os_pid");
    assert_int_equal(k->s[0], getpid());
    kit_do(k, "os_platform");
    kit_is(k, k->r[0], "linux");
    char *cwd = getcwd(NULL, 0);
    kit_do(k, "os_cwd");
    kit_is(k, k->r[0], cwd);
    free(cwd);
}

static void knows_time(void **state)
{
    struct kit *k = *state;
    kit_do(k, "time_now");
    assert_true(kit_float(k->s[0]) > 1.6e9 && kit_float(k->s[0]) < 1e11);
    kit_do(k, "time_monotonic");
    int64_t start = k->s[0];
    k->s[0] = kit_word(0.002);
    kit_do(k, "time_sleep");
    kit_do(k, "time_monotonic");
    assert_true(k->s[0] - start >= 2000000);
    k->s[0] = kit_word(-1);
    kit_fails(k, "time_sleep", VM_CONVERT);
    k->s[0] = kit_word(NAN);
    kit_fails(k, "time_sleep", VM_CONVERT);
    kit_do(k, "random_seed");
    int64_t one = k->s[0];
    kit_do(k, "random_seed");
    assert_true(k->s[0] != one);
}

/* ---- windows ------------------------------------------------------------- */

/* One native in a window, back and forward again: it is asked for once. */
static void once(struct kit *k, const char *native, unsigned questions)
{
    struct vm *vm = k->vm;
    k->import.native = pvm_native_named(native);
    k->h->st->pc = 0;
    unsigned asked = k->asked;
    assert_int_equal(vm_window_open(vm), PAL_OK);
    uint64_t start = vm_digest(vm);
    vm->window->stop = 1;
    assert_int_equal(vm_run(vm), PAL_PAUSE);
    uint64_t end = vm_digest(vm);
    assert_true(end != start);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(vm_run_back(vm, 1), 1);
        assert_true(vm_digest(vm) == start);
        assert_int_equal(vm_run(vm), PAL_PAUSE);
        assert_true(vm_digest(vm) == end);
    }
    assert_int_equal(k->asked, asked + questions);
    assert_int_equal(vm_window_close(vm), PAL_OK);
}

static void a_window_asks_once(void **state)
{
    struct kit *k = *state;
    once(k, "time_now", 1);
    once(k, "random_seed", 1);
    k->input = "first\nsecond\n";
    k->chunk = 4;
    once(k, "io_read_line", 2);
    kit_is(k, k->r[0], "first");
    k->chunk = 0;
    line_is(k, "second");
    line_is(k, NULL);
    path_in(k, "once");
    uint64_t path = kit_keep(k, k->r[0]);
    kit_str(k, 1, "x");
    k->r[0] = kit_get(k, path);
    once(k, "io_append_file", 1);
    k->r[0] = kit_get(k, path);
    kit_do(k, "io_read_file");
    kit_is(k, k->r[0], "x");
    remove_it(k, "once");
    assert_int_equal(k->vm->answers.kept.n, 0);
}

/* A window that is closed behind an answer gives it to what comes next. */
static void answers_outlive_a_window(void **state)
{
    struct kit *k = *state;
    struct vm *vm = k->vm;
    k->import.native = pvm_native_named("random_seed");
    k->h->st->pc = 0;
    assert_int_equal(vm_window_open(vm), PAL_OK);
    vm->window->stop = 1;
    assert_int_equal(vm_run(vm), PAL_PAUSE);
    int64_t seed = k->s[0];
    assert_int_equal(vm_run_back(vm, 1), 1);
    assert_int_equal(vm_window_close(vm), PAL_OK);
    kit_do(k, "random_seed");
    assert_true(k->s[0] == seed);
    kit_do(k, "random_seed");
    assert_true(k->s[0] != seed);
    /* and not to what asks something else */
    k->import.native = pvm_native_named("time_monotonic");
    k->h->st->pc = 0;
    assert_int_equal(vm_window_open(vm), PAL_OK);
    assert_int_equal(vm_run(vm), PAL_OK);
    int64_t then = k->s[0];
    vm_run_back(vm, UINT64_MAX);
    assert_int_equal(vm_window_close(vm), PAL_OK);
    kit_do(k, "random_seed");
    assert_true(k->s[0] != then);
    kit_do(k, "time_monotonic");
    assert_true(k->s[0] > then);
}

/* ---- a host that says no ------------------------------------------------- */

static void a_host_may_answer_nothing(void **state)
{
    static const char *const natives[] = {
        "io_read_file", "io_exists", "io_read_line",   "os_env",     "os_cwd",
        "os_pid",       "time_now",  "time_monotonic", "random_seed"};
    struct kit k = {0};
    (void)state;
    kit_open(&k);
    k.vm->host.ask = NULL;
    for (int i = 0; i < 9; i++) {
        kit_str(&k, 0, "x");
        kit_fails(&k, natives[i], VM_IO);
        assert_non_null(strstr(k.vm->trap_text, "Operation not permitted"));
    }
    kit_close(&k);
}

/* Memory that runs out at any point leaves no descriptor and no change. */
static void memory_may_run_out(void **state)
{
    struct kit *k = *state;
    write_it(k, "io_write_file", "f", "some text");
    bool refused = true;
    bytes_free(&k->vm->answer);
    for (uint64_t nth = 1; refused; nth++) {
        path_in(k, "f");
        mem_fail_at(k->mem, nth);
        refused = kit_call(k, "io_read_file") == PAL_TRAP;
        mem_fail_at(k->mem, 0);
        bytes_free(&k->vm->answer);
        bytes_free(&k->vm->scratch);
    }
    kit_is(k, k->r[0], "some text");
    remove_it(k, "f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(reads_bytes),
        cmocka_unit_test(knows_directories),
        cmocka_unit_test(says_why_not),
        cmocka_unit_test(large_files_are_refused),
        cmocka_unit_test(no_descriptor_is_left),
        cmocka_unit_test(scopes_refuse_what_stays),
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(reads_long_lines),
        cmocka_unit_test(input_may_be_no_text),
        cmocka_unit_test(knows_the_process),
        cmocka_unit_test(knows_time),
        cmocka_unit_test(a_window_asks_once),
        cmocka_unit_test(answers_outlive_a_window),
        cmocka_unit_test(a_host_may_answer_nothing),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
