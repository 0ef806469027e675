"""Issues of the storage of boot scripts, firmware and images; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Storage"

UNREACHABLE = Issue(
    "STORE-001",
    "The storage does not answer",
    Severity.ERROR,
    "The object storage gave no answer in time, broke the connection off, or answered that it "
    "cannot serve now. What was being stored is not there, not even in part.",
    "See that the server at BEARMAN_S3_ENDPOINT runs and can be reached from Bearman; then do the "
    "same again. `bearman storage_check` tries everything that Bearman needs.",
)
REFUSED = Issue(
    "STORE-002",
    "The storage refuses Bearman",
    Severity.ERROR,
    "The object storage does not know Bearman's key, refuses its signature, or does not let that "
    "key do what Bearman needs.",
    "Check BEARMAN_S3_ACCESS_KEY and BEARMAN_S3_SECRET_KEY, and what the key's user may do with "
    "the bucket: docs/storage.md has the list. Then run `bearman storage_check`.",
)
NO_PLACE = Issue(
    "STORE-003",
    "The bucket or the folder of the storage is not there",
    Severity.ERROR,
    "The bucket BEARMAN_S3_BUCKET does not exist, or the folder of the files cannot be made or "
    "written.",
    "Make the bucket with `bearman storage_prepare`, or give Bearman's user the folder.",
)
FULL = Issue(
    "STORE-004",
    "The storage is full",
    Severity.ERROR,
    "The disk of the data folder has no space left, or the object storage is full or over its "
    "quota. What was being stored is not there, not even in part.",
    "Delete versions of images that nothing uses, or give the storage more space; then do the same "
    "again.",
)
MISSING = Issue(
    "STORE-005",
    "A file is not in the storage",
    Severity.ERROR,
    "Bearman knows of a file that the storage does not have: somebody deleted it there, or the "
    "settings name another storage than before.",
    "See that BEARMAN_S3_ENDPOINT and BEARMAN_S3_BUCKET, or BEARMAN_DATA_DIR, are those that they "
    "were, or add the file again. `bearman storage_copy` brings files from the data folder along.",
)
UNTRUSTED = Issue(
    "STORE-006",
    "The storage's certificate cannot be verified",
    Severity.ERROR,
    "The object storage speaks TLS with a certificate that no authority known to Bearman has "
    "signed, or that is for another name.",
    "Set BEARMAN_S3_CA to a file with the certificate of the authority that signed it, and "
    "BEARMAN_S3_ENDPOINT to a name that the certificate has.",
)
CLOCKS_DIFFER = Issue(
    "STORE-007",
    "The clocks of Bearman and of the storage differ",
    Severity.ERROR,
    "The object storage refuses what was signed more than 15 minutes away from its own time.",
    "Set the clocks of both: see `timedatectl` on Bearman's computer and on the storage's.",
)
DIFFERENT = Issue(
    "STORE-008",
    "A file in the storage is not what it should be",
    Severity.ERROR,
    "What was read back has another size or SHA-256 than what was stored.",
    "Store it again. If it comes back different once more, look at the storage's health and at "
    "what lies between it and Bearman.",
)
CHECKSUMS_REFUSED = Issue(
    "STORE-009",
    "The storage does not understand how files are sent",
    Severity.ERROR,
    "The object storage wants the length of what it is sent, which newer checksums hide from "
    "servers such as Ceph before its release 18.",
    "Set BEARMAN_S3_CHECKSUMS to when_required, which is the default.",
)
