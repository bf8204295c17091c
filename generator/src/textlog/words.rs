//! What Java programs say to their logs: levels, threads, classes and texts near those of the real
//! `text/Hadoop_2k.log` and `text/Zookeeper_2k.log`, and a shop's beside them.

use std::ops::Range;

pub(super) const LEVELS: [&str; 5] = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// As in the first of the two (1,040, 808, 150 and 2 of 2,000), but for a few of DEBUG.
pub(super) const SHARES: [u32; 5] = [10, 1030, 808, 150, 2];

pub(super) const THREADS: [&str; 13] = [
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
    "NIOServerCxn.Factory:0.0.0.0/0.0.0.0:2181",
    "SendWorker:188978561024",
    "RecvWorker:188978561024",
];

const MAIN: &[usize] = &[0];
const ALLOCATOR: &[usize] = &[1];
const RENEWER: &[usize] = &[2];
const DISPATCHER: &[usize] = &[3];
const LAUNCHERS: &[usize] = &[4, 5];
const HANDLER: &[usize] = &[6];
const WEB: &[usize] = &[7];
const POOL: &[usize] = &[8, 9];

/// Packages and classes.
pub(super) const LOGGERS: [(&str, &str); 18] = [
    ("org.apache.hadoop.mapreduce.v2.app.rm.", "RMContainerAllocator"),
    ("org.apache.hadoop.hdfs.", "LeaseRenewer"),
    ("org.apache.hadoop.ipc.", "Client"),
    ("org.apache.hadoop.mapreduce.v2.app.job.impl.", "TaskAttemptImpl"),
    ("org.apache.hadoop.mapred.", "TaskAttemptListenerImpl"),
    ("org.apache.hadoop.yarn.util.", "RackResolver"),
    ("org.apache.zookeeper.server.", "NIOServerCnxn"),
    ("org.apache.zookeeper.server.quorum.", "QuorumCnxManager$SendWorker"),
    ("org.apache.zookeeper.server.quorum.", "QuorumCnxManager$RecvWorker"),
    ("org.apache.hadoop.mapreduce.v2.app.launcher.", "ContainerLauncherImpl"),
    ("org.apache.hadoop.yarn.client.api.impl.", "ContainerManagementProtocolProxy"),
    ("org.apache.hadoop.mapreduce.v2.app.", "MRAppMaster"),
    ("com.example.shop.order.", "OrderService"),
    ("com.example.shop.payment.", "PaymentClient"),
    ("com.example.shop.catalog.", "PriceImporter"),
    ("com.example.shop.web.", "RequestFilter"),
    ("org.hibernate.engine.jdbc.spi.", "SqlExceptionHelper"),
    ("com.zaxxer.hikari.pool.", "HikariPool"),
];

/// What is said: its share among the others, which of [`LOGGERS`] says it, in which of [`THREADS`], and the text.
pub(super) type Saying = (u32, usize, &'static [usize], &'static str);

const DEBUGS: &[Saying] = &[
    (
        3,
        9,
        LAUNCHERS,
        "Processing the event EventType: CONTAINER_REMOTE_LAUNCH for container container_<big>_<n>",
    ),
    (1, 17, POOL, "HikariPool-1 - Added connection conn<n>: url=jdbc:postgresql://db-1/shop"),
];

const INFOS: &[Saying] = &[
    (28, 4, HANDLER, "Progress of TaskAttempt attempt_<big>_m_<n> is : 0.<n>"),
    (
        14,
        2,
        ALLOCATOR,
        "Retrying connect to server: nn-1:8030. Already tried <digit> time(s); retry policy is \
         RetryUpToMaximumCountWithFixedSleep(maxRetries=10, sleepTime=1000 MILLISECONDS)",
    ),
    (13, 0, ALLOCATOR, "Recalculating schedule, headroom=<memory:0, vCores:-<n>>"),
    (13, 0, ALLOCATOR, "Reduce slow start threshold not met. completedMapsForReduceSlowstart 1"),
    (6, 3, DISPATCHER, "attempt_<big>_m_<n> TaskAttempt Transitioned from ASSIGNED to RUNNING"),
    (4, 5, DISPATCHER, "Resolved node-<n>.example to /default-rack"),
    (4, 9, LAUNCHERS, "Launching attempt_<big>_m_<n>"),
    (3, 10, LAUNCHERS, "Opening proxy : node-<n>.example:<port>"),
    (3, 6, &[10], "Closed socket connection for client /<ip>:<port> which had sessionid 0x<hex><hex>"),
    (6, 12, WEB, "Order <hex> accepted from <user>, größer als erwartet ✓"),
    (2, 11, MAIN, "Executing with tokens:\nKind: YARN_AM_RM_TOKEN, Service: , Ident: (keyId: <neg>)"),
    (1, 15, WEB, "Session 0x<hex> established, dump: <long>"),
];

const WARNS: &[Saying] = &[
    (
        10,
        1,
        RENEWER,
        "Failed to renew lease for [DFSClient_NONMAPREDUCE_<big>_1] for <n> seconds.  Will retry shortly ...",
    ),
    (14, 2, &[1, 2, 2], "Address change detected. Old: nn-1/<ip>:9000 New: nn-1:9000"),
    (2, 7, &[11], "Interrupted while waiting for message on queue"),
    (2, 8, &[12], "Connection broken for id <big>, my id = 3, error = "),
    (1, 15, WEB, "Slow response from <path>: <ms> ms"),
    (1, 16, WEB, "SQL Error: 0, SQLState: 08S01"),
];

const ERRORS: &[Saying] = &[
    (6, 0, ALLOCATOR, "ERROR IN CONTACTING RM. "),
    (4, 15, WEB, "Request to <path> failed after <ms> ms"),
    (2, 14, POOL, "Could not import \"<word>\": line <n>"),
    (2, 13, POOL, "Payment of the order <hex> failed"),
    (1, 16, WEB, "HikariPool-1 - Connection is not available, request timed out after 30000ms."),
];

const FATALS: &[Saying] = &[(
    1,
    4,
    HANDLER,
    "Task: attempt_<big>_m_<n> - exited : java.net.NoRouteToHostException: No Route to Host from  node-<n>/<ip> to nn-1:8020",
)];

/// What is said at each of [`LEVELS`].
pub(super) const SAYINGS: [&[Saying]; 5] = [DEBUGS, INFOS, WARNS, ERRORS, FATALS];

/// An exception: its class, what it tells, and the frames of the library that throws it, innermost first.
pub(super) type Exception = (&'static str, &'static str, &'static [&'static str]);

pub(super) const EXCEPTIONS: [Exception; 10] = [
    (
        "java.net.SocketTimeoutException",
        "Read timed out after <n> ms",
        &[
            "java.net.SocketInputStream.socketRead0(Native Method)",
            "java.net.SocketInputStream.read(SocketInputStream.java:171)",
        ],
    ),
    (
        "java.net.ConnectException",
        "Connection refused: node-<n>/<ip>:<port>",
        &[
            "java.net.PlainSocketImpl.socketConnect(Native Method)",
            "java.net.AbstractPlainSocketImpl.doConnect(AbstractPlainSocketImpl.java:350)",
            "java.net.Socket.connect(Socket.java:607)",
        ],
    ),
    ("java.lang.NullPointerException", "", &[]),
    (
        "com.example.shop.payment.DeclinedException",
        "card of <user> declined: code=<n>",
        &["com.example.shop.payment.PaymentClient.charge(PaymentClient.java:97)"],
    ),
    (
        "java.lang.OutOfMemoryError",
        "Java heap space",
        &[
            "java.util.Arrays.copyOf(Arrays.java:3332)",
            "java.lang.AbstractStringBuilder.ensureCapacityInternal(AbstractStringBuilder.java:124)",
        ],
    ),
    (
        "java.sql.SQLTransientConnectionException",
        "HikariPool-1 - Connection is not available, request timed out after 30000ms.",
        &[
            "com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)",
            "com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:197)",
        ],
    ),
    (
        "java.io.IOException",
        "Broken pipe",
        &["sun.nio.ch.FileDispatcherImpl.write0(Native Method)", "sun.nio.ch.IOUtil.write(IOUtil.java:65)"],
    ),
    ("java.lang.IllegalStateException", "order <hex> is \"<word>\"", &[]),
    (
        "org.springframework.dao.DeadlockLoserDataAccessException",
        "deadlock on <word>",
        &[
            "org.springframework.jdbc.support.SQLErrorCodeSQLExceptionTranslator.doTranslate(SQLErrorCodeSQLExceptionTranslator.java:267)",
        ],
    ),
    (
        "java.util.concurrent.ExecutionException",
        "task <hex> failed",
        &[
            "java.util.concurrent.FutureTask.report(FutureTask.java:122)",
            "java.util.concurrent.FutureTask.get(FutureTask.java:192)",
        ],
    ),
];

/// Which of [`EXCEPTIONS`] a trace begins with or goes through, and which it ends with: of what the program's own
/// calls throw, or of what only the library does.
pub(super) const fn thrown(has_calls: bool, is_innermost: bool) -> Range<usize> {
    match (has_calls, is_innermost) {
        (true, false) => 6..10,
        (true, true) => 0..8,
        (false, false) => 6..7,
        (false, true) => 0..3,
    }
}

/// Frames of the program's own, between the library's and the thread's. A trace has a run of them.
pub(super) const CALLS: [&str; 10] = [
    "com.example.shop.payment.PaymentClient.call(PaymentClient.java:61)",
    "com.example.shop.payment.PaymentClient.lambda$authorise$0(PaymentClient.java:44)",
    "com.example.shop.payment.PaymentClient.authorise(PaymentClient.java:40)",
    "com.example.shop.order.OrderService.access$100(OrderService.java:23)",
    "com.example.shop.order.OrderService$Placement.<init>(OrderService.java:211)",
    "com.example.shop.order.OrderService.place(OrderService.java:143)",
    "com.example.shop.order.OrderService$$FastClassBySpringCGLIB$$7d19.invoke(<generated>)",
    "org.springframework.aop.framework.ReflectiveMethodInvocation.proceed(ReflectiveMethodInvocation.java:163)",
    "org.springframework.transaction.interceptor.TransactionInterceptor.invoke(TransactionInterceptor.java:99)",
    "com.example.shop.order.OrderController.post(OrderController.java:37)",
];

const WEB_BASE: &[&str] = &[
    "org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:967)",
    "com.example.shop.web.RequestFilter.doFilter(RequestFilter.java:58)",
    "org.apache.catalina.core.ApplicationFilterChain.internalDoFilter(ApplicationFilterChain.java:166)",
    "org.apache.coyote.http11.Http11Processor.service(Http11Processor.java:389)",
    "org.apache.tomcat.util.net.NioEndpoint$SocketProcessor.doRun(NioEndpoint.java:1741)",
    "java.lang.Thread.run(Thread.java:748)",
];

const POOL_BASE: &[&str] = &[
    "com.example.shop.catalog.PriceImporter.run(PriceImporter.java:88)",
    "java.util.concurrent.FutureTask.run(FutureTask.java:266)",
    "java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1149)",
    "java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:624)",
    "java.lang.Thread.run(Thread.java:748)",
];

const HADOOP_BASE: &[&str] = &[
    "org.apache.hadoop.ipc.Client.call(Client.java:1414)",
    "org.apache.hadoop.ipc.ProtobufRpcEngine$Invoker.invoke(ProtobufRpcEngine.java:232)",
    "com.sun.proxy.$Proxy36.allocate(Unknown Source)",
    "org.apache.hadoop.mapreduce.v2.app.rm.RMContainerAllocator.heartbeat(RMContainerAllocator.java:249)",
    "org.apache.hadoop.mapreduce.v2.app.rm.RMCommunicator$1.run(RMCommunicator.java:279)",
    "java.lang.Thread.run(Thread.java:745)",
];

/// The outermost frames of what runs in one of [`THREADS`], and whether [`CALLS`] lie above them.
pub(super) const fn base(thread: usize) -> (&'static [&'static str], bool) {
    match thread {
        7 => (WEB_BASE, true),
        8 | 9 => (POOL_BASE, true),
        _ => (HADOOP_BASE, false),
    }
}
