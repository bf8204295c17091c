//! The words of Java programs' logs, near those of the real `text/Hadoop_2k.log` and `text/Zookeeper_2k.log`.

/// A share among others, and a text.
pub(super) type Saying = (u32, [&'static str; 1]);

pub(super) const LEVELS: [&str; 5] = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// As in the first of the two (1,040, 808, 150 and 2 of 2,000), but for a few of DEBUG.
pub(super) const SHARES: [u32; 5] = [10, 1030, 808, 150, 2];

pub(super) const THREADS: [&str; 12] = [
    "main",
    "RMCommunicator Allocator",
    "LeaseRenewer:user@nn-1:9000",
    "AsyncDispatcher event handler",
    "ContainerLauncher #0",
    "ContainerLauncher #4",
    "IPC Server handler 7 on 62270",
    "http-nio-8080-exec-3",
    "pool-1-thread-1",
    "pool-1-thread-2",
    "QuorumPeer[myid=1]/0.0.0.0:2181",
    "SendWorker:188978561024",
];

/// Packages and classes.
pub(super) const LOGGERS: [(&str, &str); 16] = [
    ("org.apache.hadoop.mapreduce.v2.app.rm.", "RMContainerAllocator"),
    ("org.apache.hadoop.hdfs.", "LeaseRenewer"),
    ("org.apache.hadoop.ipc.", "Client"),
    ("org.apache.hadoop.mapreduce.v2.app.job.impl.", "TaskAttemptImpl"),
    ("org.apache.hadoop.mapred.", "TaskAttemptListenerImpl"),
    ("org.apache.hadoop.yarn.util.", "RackResolver"),
    ("org.apache.zookeeper.server.", "NIOServerCnxn"),
    ("org.apache.zookeeper.server.quorum.", "QuorumCnxManager$SendWorker"),
    ("com.example.shop.order.", "OrderService"),
    ("com.example.shop.payment.", "PaymentClient"),
    ("com.example.shop.catalog.", "PriceImporter"),
    ("com.example.shop.web.", "RequestFilter"),
    ("org.springframework.web.servlet.", "DispatcherServlet"),
    ("org.hibernate.engine.jdbc.spi.", "SqlExceptionHelper"),
    ("com.zaxxer.hikari.pool.", "HikariPool"),
    ("io.netty.channel.", "DefaultChannelPipeline"),
];

const DEBUGS: &[Saying] =
    &[(1, ["Processing the event EventType: CONTAINER_REMOTE_LAUNCH for container_<big>_<n>"])];

const INFOS: &[Saying] = &[
    (10, ["Recalculating schedule, headroom=<memory:0, vCores:-<n>>"]),
    (8, ["Progress of TaskAttempt attempt_<big>_m_<n> is : 0.<n>"]),
    (6, ["Received connection request /<ip>:<port>"]),
    (4, ["Opening proxy : node-<n>.example:<port>"]),
    (3, ["Order <hex> accepted from <user>, größer als erwartet ✓"]),
    (2, ["Executing with tokens:\nKind: YARN_AM_RM_TOKEN, Service: , Ident: (keyId: <neg>)"]),
    (1, ["Session 0x<hex> established, dump: <long>"]),
];

const WARNS: &[Saying] = &[
    (
        10,
        [
            "Failed to renew lease for [DFSClient_NONMAPREDUCE_<big>_1] for <n> seconds.  Will retry shortly ...",
        ],
    ),
    (8, ["Address change detected. Old: nn-1/<ip>:9000 New: nn-1:9000"]),
    (5, ["Connection broken for id <big>, my id = 3, error = "]),
    (2, ["Slow response from <path>: <ms> ms"]),
];

const ERRORS: &[Saying] = &[
    (5, ["ERROR IN CONTACTING RM. "]),
    (4, ["Request to <path> failed after <ms> ms"]),
    (3, ["Could not import \"<word>\": line <n>"]),
];

const FATALS: &[Saying] = &[(1, ["Error in dispatcher thread, shutting down"])];

/// What is said at each of [`LEVELS`].
pub(super) const SAYINGS: [&[Saying]; 5] = [DEBUGS, INFOS, WARNS, ERRORS, FATALS];

/// Exceptions and what they tell.
pub(super) const EXCEPTIONS: [(&str, &str); 10] = [
    ("java.net.SocketTimeoutException", "Read timed out after <n> ms"),
    ("java.net.ConnectException", "Connection refused: node-<n>/<ip>:<port>"),
    ("java.lang.NullPointerException", ""),
    ("java.lang.IllegalStateException", "order <hex> is \"<word>\""),
    ("java.sql.SQLTransientConnectionException", "HikariPool-1 - Connection is not available"),
    ("java.io.IOException", "Broken pipe"),
    ("com.example.shop.payment.DeclinedException", "card of <user> declined: code=<n>"),
    ("java.util.concurrent.ExecutionException", "task <hex> failed"),
    ("org.springframework.dao.DeadlockLoserDataAccessException", "deadlock on <word>"),
    ("java.lang.OutOfMemoryError", "Java heap space"),
];

pub(super) const METHODS: [&str; 12] = [
    "run",
    "call",
    "invoke",
    "doFilter",
    "lambda$handle$0",
    "<init>",
    "access$100",
    "handle",
    "apply",
    "accept",
    "execute",
    "doGet",
];
