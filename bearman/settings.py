"""All settings, read from the environment only; docs/configuration.md explains each.

A value may also be the text of a file: `NAME_FILE=/path` stands for `NAME=<its text>`.
"""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from environs import EnvError, FileAwareEnv, validate

from bearman.lib import keys, logs, postgres, s3
from bearman.lib.network import networks

env = FileAwareEnv(strip_whitespace=True)
BASE_DIR = Path(__file__).resolve().parent.parent

# --- The installation -------------------------------------------------------------------------
DATA_DIR = env.path("BEARMAN_DATA_DIR", BASE_DIR / "var").resolve()
DEBUG = env.bool("BEARMAN_DEBUG", False)
SECRET_KEY = env.str("BEARMAN_SECRET_KEY", "") or keys.kept(
    DATA_DIR / "secret-key", keys.secret_key
)
# Newest first: the first encrypts, all decrypt (rotation).
CREDENTIAL_KEYS = env.list("BEARMAN_CREDENTIAL_KEYS", []) or [
    keys.kept(DATA_DIR / "credential-key", keys.credential_key)
]
TIME_ZONE = env.str("BEARMAN_TIME_ZONE", "UTC")
LOG_LEVEL = env.str("BEARMAN_LOG_LEVEL", "INFO")
LOG_FORMAT = env.str("BEARMAN_LOG_FORMAT", "console")

# --- The database -----------------------------------------------------------------------------
DATABASE_URL = env.str("DATABASE_URL", "")
DATABASE_CONNECT_SECONDS = env.int("BEARMAN_DATABASE_CONNECT_SECONDS", 3)

# --- Doors ------------------------------------------------------------------------------------
WEB_BIND = env.str("BEARMAN_WEB_BIND", "127.0.0.1:8000")
WEB_PROCESSES = env.int("BEARMAN_WEB_PROCESSES", 2)
FILES_BIND = env.str("BEARMAN_FILES_BIND", "127.0.0.1:8001")
FILES_PROCESSES = env.int("BEARMAN_FILES_PROCESSES", 1)
GRPC_BIND = env.str("BEARMAN_GRPC_BIND", "127.0.0.1:50051")
GRPC_PROCESSES = env.int("BEARMAN_GRPC_PROCESSES", 2)
GRPC_THREADS = env.int("BEARMAN_GRPC_THREADS", 16)
GRPC_TLS_CERT = env.str("BEARMAN_GRPC_TLS_CERT", "")
GRPC_TLS_KEY = env.str("BEARMAN_GRPC_TLS_KEY", "")
WORKER_CONCURRENCY = env.int("BEARMAN_WORKER_CONCURRENCY", 32)
HTTPS = env.bool("BEARMAN_HTTPS", False)
ALLOWED_HOSTS: list[str] = env.list("BEARMAN_ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("BEARMAN_CSRF_TRUSTED_ORIGINS", [])
TRUSTED_PROXIES = networks(
    env.list("BEARMAN_TRUSTED_PROXIES", []), setting="BEARMAN_TRUSTED_PROXIES"
)

# --- Storage for boot scripts, firmware and images ----------------------------------------------
S3_ENDPOINT = s3.endpoint(env.str("BEARMAN_S3_ENDPOINT", ""), setting="BEARMAN_S3_ENDPOINT")
S3_PUBLIC_ENDPOINT = s3.endpoint(
    env.str("BEARMAN_S3_PUBLIC_ENDPOINT", "") or S3_ENDPOINT, setting="BEARMAN_S3_PUBLIC_ENDPOINT"
)
S3_BUCKET = env.str("BEARMAN_S3_BUCKET", "bearman")
S3_ACCESS_KEY = env.str("BEARMAN_S3_ACCESS_KEY", "")
S3_SECRET_KEY = env.str("BEARMAN_S3_SECRET_KEY", "")
S3_REGION = env.str("BEARMAN_S3_REGION", "us-east-1")
S3_ADDRESSING = env.str(
    "BEARMAN_S3_ADDRESSING", "path", validate=validate.OneOf(["path", "virtual"])
)
S3_CA = env.str("BEARMAN_S3_CA", "")
S3_URLS = env.str("BEARMAN_S3_URLS", "public", validate=validate.OneOf(["public", "signed"]))
S3_URL_SECONDS = env.int(
    "BEARMAN_S3_URL_SECONDS", 21_600, validate=validate.Range(60, s3.LONGEST_SECONDS)
)
S3_CHECKSUMS = env.str(
    "BEARMAN_S3_CHECKSUMS",
    "when_required",
    validate=validate.OneOf(["when_required", "when_supported"]),
)
S3_CONNECT_SECONDS = env.float("BEARMAN_S3_CONNECT_SECONDS", 5.0)
S3_READ_SECONDS = env.float("BEARMAN_S3_READ_SECONDS", 60.0)
S3_ATTEMPTS = env.int("BEARMAN_S3_ATTEMPTS", 5, validate=validate.Range(1, 10))

# --- Images -------------------------------------------------------------------------------------
IMAGE_KEYS = env.path("BEARMAN_IMAGE_KEYS", DATA_DIR / "image-keys")
IMAGE_SIGNATURES = env.str(
    "BEARMAN_IMAGE_SIGNATURES", "", validate=validate.OneOf(["", "required", "optional"])
)
UPLOAD_HOURS = env.float("BEARMAN_UPLOAD_HOURS", 24.0, validate=validate.Range(0.1, 720))

# --- What nodes are told ----------------------------------------------------------------------
PUBLIC_URL = env.str("BEARMAN_PUBLIC_URL", f"http://{WEB_BIND}").rstrip("/")
# As firmware and installers reach it, which know no CA but those that they came with.
BOOT_URL = env.str("BEARMAN_BOOT_URL", PUBLIC_URL).rstrip("/")
PUBLIC_GRPC = env.str("BEARMAN_PUBLIC_GRPC", GRPC_BIND)
# The folder of the files as nodes reach it: a front server's, the bucket's, or our file server's.
FILES_URL = env.str("BEARMAN_FILES_URL", "").rstrip("/")
if FILES_URL and S3_ENDPOINT and S3_URLS == "signed":
    raise EnvError(
        "BEARMAN_FILES_URL and BEARMAN_S3_URLS=signed exclude each other: a signature holds for "
        "the server's own address. Set BEARMAN_S3_PUBLIC_ENDPOINT instead."
    )
if not FILES_URL and S3_ENDPOINT:
    FILES_URL = s3.folder(S3_PUBLIC_ENDPOINT, S3_BUCKET, S3_ADDRESSING)
FILES_URL = FILES_URL or f"http://{FILES_BIND}/files"
STAGE_ONE_IMAGE = env.str("BEARMAN_STAGE_ONE_IMAGE", "stage-one")
STAGE_ONE_APPEND = env.str("BEARMAN_STAGE_ONE_APPEND", "console=ttyS0")

# --- Registration -----------------------------------------------------------------------------
ENROLMENT_NETWORKS = networks(
    env.list("BEARMAN_ENROLMENT_NETWORKS", []), setting="BEARMAN_ENROLMENT_NETWORKS"
)
BOOT_TOKEN_SECONDS = env.int("BEARMAN_BOOT_TOKEN_SECONDS", 3600)
SYSTEM_TOKEN_SECONDS = env.int("BEARMAN_SYSTEM_TOKEN_SECONDS", 10800)
BOOT_TOKEN_BIND_SOURCE = env.bool("BEARMAN_BOOT_TOKEN_BIND_SOURCE", True)
REGISTER_DEADLINE_SECONDS = env.int("BEARMAN_REGISTER_DEADLINE_SECONDS", 900)
POWER_OFF_DEADLINE_SECONDS = env.int("BEARMAN_POWER_OFF_DEADLINE_SECONDS", 300)
INVENTORY_MAX_BYTES = env.int("BEARMAN_INVENTORY_MAX_BYTES", 2 * 1024 * 1024)
FIRMWARE_ATTEMPTS = env.int("BEARMAN_FIRMWARE_ATTEMPTS", 3)

# --- Deployment -------------------------------------------------------------------------------
# The longest that each step may take, in seconds; see docs/states.md.
PREPARE_SECONDS = env.int("BEARMAN_PREPARE_SECONDS", 120)
POWER_ON_SECONDS = env.int("BEARMAN_POWER_ON_SECONDS", 600)
STAGE_ONE_SECONDS = env.int("BEARMAN_STAGE_ONE_SECONDS", 900)
KEXEC_SECONDS = env.int("BEARMAN_KEXEC_SECONDS", 900)
STAGE_TWO_SECONDS = env.int("BEARMAN_STAGE_TWO_SECONDS", 900)
CONFIGURE_SECONDS = env.int("BEARMAN_CONFIGURE_SECONDS", 1800)
INSTALLER_SECONDS = env.int("BEARMAN_INSTALLER_SECONDS", 3600)
RELEASE_SECONDS = env.int("BEARMAN_RELEASE_SECONDS", 120)
DEPLOY_ATTEMPTS = env.int("BEARMAN_DEPLOY_ATTEMPTS", 3)
RETRY_SECONDS = env.float("BEARMAN_RETRY_SECONDS", 15.0)
POWER_POLL_SECONDS = env.float("BEARMAN_POWER_POLL_SECONDS", 1.0)
RECONCILE_SECONDS = env.int("BEARMAN_RECONCILE_SECONDS", 5)
KEXEC_DENY_NICS: list[str] = env.list("BEARMAN_KEXEC_DENY_NICS", ["mlx4_core:*"])
DOMAIN = env.str("BEARMAN_DOMAIN", "")
DNS_SERVERS: list[str] = env.list("BEARMAN_DNS_SERVERS", [])
SSH_KEYS = env.str("BEARMAN_SSH_KEYS", "")

# --- BMCs -------------------------------------------------------------------------------------
BMC_PORT = env.int("BEARMAN_BMC_PORT", 623)
BMC_USERNAME = env.str("BEARMAN_BMC_USERNAME", "bearman")
BMC_USER_SLOT = env.int("BEARMAN_BMC_USER_SLOT", 4)
BMC_CHANNEL = env.int("BEARMAN_BMC_CHANNEL", 1)
BMC_SETTLE_SECONDS = env.int("BEARMAN_BMC_SETTLE_SECONDS", 60)
BMC_LOGIN_SECONDS = env.float("BEARMAN_BMC_LOGIN_SECONDS", 10.0)
BMC_COMMAND_SECONDS = env.float("BEARMAN_BMC_COMMAND_SECONDS", 5.0)
BMC_ATTEMPTS = env.int("BEARMAN_BMC_ATTEMPTS", 3)
BMC_BACKOFF_SECONDS = env.float("BEARMAN_BMC_BACKOFF_SECONDS", 1.0)
POWER_REFRESH_SECONDS = env.int("BEARMAN_POWER_REFRESH_SECONDS", 300)
POWER_REFRESH_RATE = env.int("BEARMAN_POWER_REFRESH_RATE", 20)

# --- IPman ------------------------------------------------------------------------------------
IPMAN_TARGET = env.str("BEARMAN_IPMAN_TARGET", "")
IPMAN_TOKEN = env.str("BEARMAN_IPMAN_TOKEN", "")
IPMAN_CA = env.str("BEARMAN_IPMAN_CA", "")
IPMAN_REST_SECONDS = env.int("BEARMAN_IPMAN_REST_SECONDS", 3600)
IPMAN_ALERT_PERCENT = env.int("BEARMAN_IPMAN_ALERT_PERCENT", 80)

# --- Messages to people when something fails ---------------------------------------------------
SLACK_WEBHOOK = env.str("BEARMAN_SLACK_WEBHOOK", "")
SLACK_TOKEN = env.str("BEARMAN_SLACK_TOKEN", "")
SLACK_CHANNEL = env.str("BEARMAN_SLACK_CHANNEL", "")
SLACK_API = env.str("BEARMAN_SLACK_API", "https://slack.com/api")
MAIL_TO: list[str] = env.list("BEARMAN_MAIL_TO", [])
MAIL_FROM = env.str("BEARMAN_MAIL_FROM", "bearman@localhost")
EMAIL_HOST = env.str("BEARMAN_MAIL_HOST", "localhost")
EMAIL_PORT = env.int("BEARMAN_MAIL_PORT", 25)
EMAIL_HOST_USER = env.str("BEARMAN_MAIL_USER", "")
EMAIL_HOST_PASSWORD = env.str("BEARMAN_MAIL_PASSWORD", "")
MAIL_SECURITY = env.str(
    "BEARMAN_MAIL_SECURITY", "", validate=validate.OneOf(["", "starttls", "tls"])
)
NOTICE_WINDOW_SECONDS = env.int("BEARMAN_NOTICE_WINDOW_SECONDS", 1800)
NOTICE_GATHER_SECONDS = env.int("BEARMAN_NOTICE_GATHER_SECONDS", 20)
NOTICE_UPDATE_SECONDS = env.int("BEARMAN_NOTICE_UPDATE_SECONDS", 600)
NOTICE_PAUSE_SECONDS = env.float("BEARMAN_NOTICE_PAUSE_SECONDS", 1.0)
NOTICE_RETRY_SECONDS = env.float("BEARMAN_NOTICE_RETRY_SECONDS", 5.0)
NOTICE_ANSWER_SECONDS = env.float("BEARMAN_NOTICE_ANSWER_SECONDS", 10.0)

env.seal()
ALLOWED_HOSTS += [urlsplit(PUBLIC_URL).hostname or ""]

# === Django, from here on derived from the above =================================================
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_structlog",
    "procrastinate.contrib.django",
    "bearman",
    "bearman.accounts",
    "bearman.notices",
    "ipman",
    "profiles",
    "nodes",
    "baremetal",
    "grpc_server",
]
MIDDLEWARE = [
    "bearman.middleware.MachineDoor",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]
ROOT_URLCONF = "bearman.urls"
WSGI_APPLICATION = "bearman.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "bearman" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Statements are planned once for each connection: nearly half of PostgreSQL's work otherwise.
_STATEMENTS = {"server_side_binding": True, "prepare_threshold": 5}
DATABASES = {
    "default": {
        **dj_database_url.parse(
            DATABASE_URL or postgres.ensure_running(DATA_DIR), engine="bearman.database"
        ),
        # Each thread keeps its connection, and looks before each request whether it is still good.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _STATEMENTS | {"connect_timeout": DATABASE_CONNECT_SECONDS},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

if S3_ENDPOINT:
    _FILES = s3.backend(
        endpoint=S3_ENDPOINT,
        bucket=S3_BUCKET,
        access_key=S3_ACCESS_KEY,
        secret_key=S3_SECRET_KEY,
        region=S3_REGION,
        ca=S3_CA,
        # Objects that all may read: each machine compares what it gets with its SHA-256.
        public_url=FILES_URL if S3_URLS == "public" else "",
        config=s3.client_config(
            addressing=S3_ADDRESSING,
            checksums=S3_CHECKSUMS,
            connect_seconds=S3_CONNECT_SECONDS,
            read_seconds=S3_READ_SECONDS,
            attempts=S3_ATTEMPTS,
        ),
    )
else:
    _FILES = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files", "base_url": f"{FILES_URL}/"},
    }
STORAGES = {
    "default": _FILES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
FILES_HERE = bool(FILES_BIND) and not S3_ENDPOINT  # whether `bearman files` serves them

USE_TZ = True
LANGUAGE_CODE = "en-gb"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

EMAIL_USE_TLS = MAIL_SECURITY == "starttls"
EMAIL_USE_SSL = MAIL_SECURITY == "tls"
EMAIL_TIMEOUT = NOTICE_ANSWER_SECONDS

# The Admin is for people behind HTTPS where that is set; firmware that boots speaks plain HTTP.
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^ipxe/", r"^autorun/", r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Of this host only (RFC 6797): of the domain's other hosts, which may have no TLS, others decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS

LOGGING = logs.configure(LOG_LEVEL, LOG_FORMAT)
DJANGO_STRUCTLOG_COMMAND_LOGGING_ENABLED = False

UNFOLD = {
    "SITE_TITLE": "Bearman",
    "SITE_HEADER": "Bearman",
    "SITE_SUBHEADER": "Bare-metal management",
    "SITE_SYMBOL": "dns",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "href": "bearman.admin.navigation.icon"}],
    "STYLES": ["bearman.admin.navigation.style"],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"navigation": "bearman.admin.navigation.sidebar"},
    "DASHBOARD_CALLBACK": "baremetal.admin.dashboard.dashboard",
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.6)",
            "100": "oklch(93.2% .032 255.6)",
            "200": "oklch(88.2% .059 254.1)",
            "300": "oklch(80.9% .105 251.8)",
            "400": "oklch(70.7% .165 254.6)",
            "500": "oklch(67% .17 257)",
            "600": "oklch(50% .19 260)",
            "700": "oklch(44% .18 262)",
            "800": "oklch(40% .15 264)",
            "900": "oklch(36% .13 265)",
            "950": "oklch(26% .09 267)",
        },
    },
}
