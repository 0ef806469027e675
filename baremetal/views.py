"""The door at which machines ask over HTTP; plain text, never HTML."""

import json

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from baremetal import door, plan_text
from baremetal.door import TEXT, machine_view, text
from baremetal.services import machine
from baremetal.services.boot import boot_script
from baremetal.services.reports import machine_report
from bearman.lib.addresses import address_or_none
from bearman.lib.errors import BearmanError, Invalid, NotFound, TooLarge
from nodes.services.boot import Purpose
from nodes.services.reports import Report
from nodes.uuids import canonical_uuid
from profiles import facts, ipxe
from profiles.selectors import script_due

log = structlog.get_logger(__name__)
MAX_REPORT = 128 * 1024  # bytes of a report's form
SCRIPTS = {Purpose.REGISTER: "register.sh", Purpose.DEPLOY: "kexec.sh"}


@require_GET
@never_cache
def ipxe_view(request: HttpRequest, uuid: str | None = None) -> HttpResponse:
    """`GET /ipxe/<uuid>[?mac=...]`: what this machine boots now. Always 200 with a valid script.

    With the boot token of a stage one that deploys: the plan for its kexec, as lines of text.
    """
    if door.has_token(request):
        return plan_view(request, uuid=uuid)
    try:
        mac = request.GET["mac"][:20] if "mac" in request.GET else None
        script = boot_script(uuid_text=uuid or "", source=door.source(request), mac_text=mac)
    except Exception as error:  # a machine that boots must get a script, whatever happened
        known = isinstance(error, DatabaseError | BearmanError)
        log.warning("/ipxe failed", error=str(error), exc_info=not known)
        same = f"{settings.BOOT_URL}/ipxe/{canonical_uuid(uuid or '') or ''}"
        script = ipxe.again(url=same, reason="the server cannot answer right now.")
    return HttpResponse(script, content_type=TEXT)


@machine_view("GET")
def plan_view(request: HttpRequest, uuid: str | None = None) -> HttpResponse:
    """`GET /ipxe/<uuid>` with a token: what to kexec."""
    caller = door.caller(request, uuid, (Purpose.DEPLOY,))
    return HttpResponse(plan_text.lines(machine.plan_get(caller=caller)), content_type=TEXT)


@machine_view("GET", "HEAD")
def autorun_view(request: HttpRequest, uuid: str | None = None) -> HttpResponse:
    """`GET /autorun/<uuid>`, with the boot token: the script that is due, as `NAME SHA256 URL`."""
    caller = door.caller(request, uuid, tuple(SCRIPTS))
    script = script_due(name=SCRIPTS[caller.purpose])
    return text(f"{script.name} {script.sha256} {script.url}")


@machine_view("GET")
def seed_view(request: HttpRequest, uuid: str, token: str | None = None) -> HttpResponse:
    """`GET /seed/<uuid>[/<token>]`: the initramfs piece with the secret of the system."""
    given = token or door.token_of(request)
    caller = door.caller(request, uuid, (Purpose.DEPLOY, Purpose.SYSTEM), given)
    piece = machine.seed_get(caller=caller, token=given, source=door.source(request))
    return HttpResponse(piece, content_type="application/octet-stream")


@machine_view("GET", "HEAD")
def config_view(
    request: HttpRequest,
    config_format: str,
    uuid: str,
    token: str | None = None,
    name: str | None = None,
) -> HttpResponse:
    """`GET /<format>/<uuid>[/<token>][/<file>]`: a file of the system's configuration."""
    given = token or door.token_of(request)
    caller = door.caller(request, uuid, (Purpose.SYSTEM,), given)
    files = machine.config_get(
        caller=caller, token=given, source=door.source(request), config_format=config_format
    )
    wanted = name or next(iter(files))
    if wanted not in files:
        raise NotFound(f"A {config_format} has no file {wanted}; it has {', '.join(files)}.")
    return HttpResponse(files[wanted], content_type=TEXT)


@machine_view("GET", "HEAD")
def profile_view(request: HttpRequest, uuid: str | None = None) -> HttpResponse:
    """`GET /profile/<uuid>`: the install script of the system that has come up."""
    script = machine.script_get(row=door.system(request, uuid))
    return HttpResponse(script.text, content_type=TEXT)


@machine_view("GET", "HEAD")
def detail_view(request: HttpRequest, uuid: str | None = None) -> HttpResponse:
    """`GET /detail/<uuid>[?format=lines]`: who the system is, as JSON or as lines for a shell."""
    found = machine.detail_get(row=door.system(request, uuid))
    if request.GET.get("format") == "lines":
        return HttpResponse(facts.as_lines(found), content_type=TEXT)
    return HttpResponse(json.dumps(facts.as_json(found)), content_type="application/json")


@machine_view("POST")
def installed_view(request: HttpRequest, uuid: str | None = None) -> HttpResponse:
    """`POST /installed/<uuid>`: the install script has run; the state is the answer."""
    return text(machine.installed(row=door.system(request, uuid)))


@machine_view("POST")
def report_view(request: HttpRequest, uuid: str | None = None) -> HttpResponse:
    """`POST /report/<uuid>`: how a step went, as a form; see ReportRequest."""
    caller = door.caller(request, uuid)
    form = _form(request)
    outcome = form.get("outcome", "")
    if outcome not in ("progress", "failed", "cold_boot"):
        raise Invalid("`outcome` must be progress, failed or cold_boot.")
    report = Report(
        step=form.get("step", ""),
        failed=outcome == "failed",
        message=form.get("message", ""),
        log_tail=form.get("log_tail", ""),
        address=address_or_none(form.get("address", "")) or "",
        issue=form.get("issue", ""),
        advice=form.get("advice", ""),
        light=form.get("light") == "on",
    )
    cold = outcome == "cold_boot"
    source = door.source(request)
    nonce = request.META.get(door.NONCE, "")[: door.MAX_NONCE]
    return text(machine_report(caller=caller, report=report, source=source, cold=cold, nonce=nonce))


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """`GET /healthz`: this process answers."""
    return HttpResponse("ok\n", content_type=TEXT)


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """`GET /readyz`: this process can reach its database; 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", status=503, content_type=TEXT)
    return HttpResponse("ok\n", content_type=TEXT)


def _form(request: HttpRequest) -> dict[str, str]:
    """Return the fields of the form, each once; raises TooLarge, or Invalid for bad encoding."""
    body = request.read(MAX_REPORT + 1)
    if len(body) > MAX_REPORT:
        raise TooLarge(f"A report has at most {MAX_REPORT // 1024} KiB.")
    try:
        fields = QueryDict(body.decode("ascii"), encoding="utf-8").dict()
    except (UnicodeDecodeError, ValueError, SuspiciousOperation) as error:
        raise Invalid("The form is not urlencoded, or has too many fields.") from error
    return {name: str(value).replace("\0", "") for name, value in fields.items()}
