"""Issues of deployments; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Deployment"

STEP_FAILED = Issue(
    "DEP-001",
    "A step of the deployment failed",
    Severity.ERROR,
    "A step of the deployment ended with an error that has no entry of its own.",
    "Read the time line, look at the machine's console, then redeploy or release it.",
)
