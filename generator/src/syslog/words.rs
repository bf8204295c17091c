//! The words of the system log: programs, and what they say.

/// A share among others, and a text.
type Saying = (u32, [&'static str; 1]);

/// A program: its name, its facility, its share of all lines, whether it tells a process id, and what it says at which
/// severity.
pub(super) struct App {
    pub(super) name: &'static str,
    pub(super) facility: u8,
    pub(super) share: u32,
    pub(super) has_pid: bool,
    pub(super) says: &'static [(u8, &'static [Saying])],
}

/// The severities of RFC 5424, 6.2.1, as programs abbreviate them.
pub(super) const SEVERITIES: [&str; 8] =
    ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

/// The facilities of RFC 5424, 6.2.1, as programs abbreviate them.
pub(super) const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
    "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6",
    "local7",
];

/// What begins so tells of a failed authentication.
pub(super) const FAILURE: &str = "authentication failure";

/// The programs and their shares are near those of the real `text/Linux_2k.log`, with newer ones added.
pub(super) const APPS: [App; 10] = [
    App {
        name: "ftpd",
        facility: 11,
        share: 460,
        has_pid: true,
        says: &[(
            6,
            &[(9, ["connection from <ip> () at <hex>"]), (1, ["getpeername (ftpd): not connected"])],
        )],
    },
    App {
        name: "sshd",
        facility: 10,
        share: 340,
        has_pid: true,
        says: &[
            (
                5,
                &[(
                    8,
                    [
                        "authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=<ip>  user=<word>",
                    ],
                )],
            ),
            (
                6,
                &[
                    (3, ["Accepted publickey for <user> from <ip> port <port> ssh2: RSA SHA256:<hex><hex>"]),
                    (2, ["check pass; user unknown"]),
                ],
            ),
            (4, &[(1, ["Connection reset by <ip> port <port> [preauth]"])]),
            (7, &[(1, ["debug1: session_new: session <n>"])]),
        ],
    },
    App {
        name: "kernel",
        facility: 0,
        share: 45,
        has_pid: false,
        says: &[
            (6, &[(50, ["usb 1-<n>: new high-speed USB device number <n>"]), (30, ["eth0: link up"])]),
            (4, &[(10, ["Out of memory: Killed process <n> (<word>) total-vm:<big>kB"])]),
            (2, &[(1, ["CPU<n>: Core temperature above threshold, cpu clock throttled"])]),
            (0, &[(1, ["Kernel panic - not syncing: Attempted to kill init! exitcode=0x<hex>"])]),
        ],
    },
    App {
        name: "su(pam_unix)",
        facility: 10,
        share: 60,
        has_pid: true,
        says: &[(
            6,
            &[(1, ["session opened for user <word> by (uid=0)"]), (1, ["session closed for user <word>"])],
        )],
    },
    App {
        name: "logrotate",
        facility: 9,
        share: 25,
        has_pid: true,
        says: &[
            (1, &[(3, ["ALERT exited abnormally with [<n>]"])]),
            (6, &[(4, ["rotating pattern: /var/log/<word>.log"])]),
        ],
    },
    App {
        name: "CRON",
        facility: 9,
        share: 25,
        has_pid: true,
        says: &[(6, &[(1, ["(root) CMD (/usr/lib/<word>/run --quiet)"])])],
    },
    App {
        name: "named",
        facility: 3,
        share: 15,
        has_pid: true,
        says: &[(5, &[(1, ["client <ip>#<port>: query (cache) '<word>.example/A/IN' denied"])])],
    },
    App {
        name: "postfix/smtpd",
        facility: 2,
        share: 15,
        has_pid: true,
        says: &[
            (6, &[(4, ["connect from unknown[<ip>]"])]),
            (3, &[(1, ["timeout after DATA (<n> bytes) from unknown[<ip>]"])]),
        ],
    },
    App {
        name: "systemd",
        facility: 3,
        share: 10,
        has_pid: true,
        says: &[(
            6,
            &[(1, ["Started <word>.service - größerer Dienst ✓."]), (4, ["Reached target <word>.target."])],
        )],
    },
    App {
        name: "shop",
        facility: 16,
        share: 5,
        has_pid: true,
        says: &[
            (3, &[(1, ["order <hex> failed: {\"code\":<n>,\"path\":\"<path>\"}"])]),
            (7, &[(1, ["dump <long>"])]),
        ],
    },
];
