/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * spinner COUNT: this many processes that do nothing and take all the CPU that they get, in one
 * process group, until they are killed or whoever started them is gone.
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void spin(void) {
        for (;;)
                __asm__ volatile("");
}

int main(int argc, char *argv[]) {
        unsigned long count;

        if (argc != 2 || setpgid(0, 0) < 0)
                return 64;
        count = strtoul(argv[1], NULL, 10);
        for (unsigned long i = 0; i < count; i++) {
                pid_t pid = fork();

                if (pid < 0)
                        return 1;
                if (pid == 0) {
                        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
                        spin();
                }
        }
        if (write(STDOUT_FILENO, "runs\n", 5) != 5)
                return 1;
        for (;;)
                pause();
}
