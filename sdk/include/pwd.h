/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLOUDSKIN_GUEST_PWD_H
#define CLOUDSKIN_GUEST_PWD_H

#include <cloudskin-guest.h>
#include <sys/types.h>

/* No user database: every look-up finds nobody. */
struct passwd {
    char *pw_name;
    char *pw_passwd;
    uid_t pw_uid;
    gid_t pw_gid;
    char *pw_gecos;
    char *pw_dir;
    char *pw_shell;
};

__CLOUDSKIN_BEGIN
struct passwd *getpwuid(uid_t user);
struct passwd *getpwnam(const char *name);
__CLOUDSKIN_END

#endif
