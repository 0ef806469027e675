"""Issues of images: what is uploaded, who signed it, which version is current; no Django here."""

from bearman.lib.issues.issue import Issue, Severity

TITLE = "Images"

MANIFEST_UNUSABLE = Issue(
    "IMG-001",
    "The manifest of an image cannot be used",
    Severity.ERROR,
    "The file manifest.json is malformed, has a value that does not fit a path or a kernel command "
    "line, or is not written line by line as machines read it. Nothing was stored.",
    "Build and publish with one version of `image_builder`; docs/images.md says how a manifest is "
    "written.",
)
NOT_TRUSTED = Issue(
    "IMG-002",
    "The image is signed by no key that Bearman trusts",
    Severity.ERROR,
    "The manifest has no signature, or one that none of the public keys in BEARMAN_IMAGE_KEYS "
    "verifies. Nothing was stored.",
    "Put the builder's public key (image-key.pub.pem) into the folder BEARMAN_IMAGE_KEYS of each "
    "Bearman process, or sign with a key that is there. BEARMAN_IMAGE_SIGNATURES=optional takes "
    "images without a signature.",
)
KNOWN_OTHERWISE = Issue(
    "IMG-003",
    "The version is known with other files",
    Severity.ERROR,
    "A version never changes once it is known: machines are deployed with it. The files that were "
    "offered have other sizes or SHA-256.",
    "Build it under another version.",
)
FILE_MISSING = Issue(
    "IMG-004",
    "A file of the image has not been uploaded",
    Severity.ERROR,
    "An upload was to be completed, and a file that its manifest names is not in the storage.",
    "Publish again: only what is missing is uploaded.",
)
FILE_DIFFERENT = Issue(
    "IMG-005",
    "An uploaded file is not what the manifest says",
    Severity.ERROR,
    "The file was read back from the storage, and has another size or SHA-256 than the manifest. "
    "It was thrown away, and the version is not known.",
    "Publish again: only what is missing is uploaded. Where it happens twice, look for a proxy on "
    "the way and at the health of the storage.",
)
PACKAGES_UNREADABLE = Issue(
    "IMG-006",
    "The list of packages of an image cannot be read",
    Severity.ERROR,
    "The file `sbom` of the image is not SPDX 2.3 in JSON, or has more packages than Bearman "
    "takes.",
    "Build it with `image_builder`, or leave the file `sbom` out of the manifest.",
)
NONE_BEFORE = Issue(
    "IMG-007",
    "There is no version to go back to",
    Severity.ERROR,
    "Going back makes the version current that was current before; there was none, or it has been "
    "deleted.",
    "Promote the version that you want by its name.",
)
IN_USE = Issue(
    "IMG-008",
    "The version is in use",
    Severity.ERROR,
    "A version cannot be deleted while it is current, while a profile is held at it, or while a "
    "machine boots it: such a machine could not restart.",
    "Its page in the Admin says what uses it: make another one current, let the profiles follow "
    "again, and redeploy or release the machines.",
)
UPLOAD_OVER = Issue(
    "IMG-009",
    "The upload has ended",
    Severity.ERROR,
    "The upload is unknown, was given up, or was not completed in BEARMAN_UPLOAD_HOURS. What came "
    "of it has been removed.",
    "Publish again.",
)
UPLOAD_CUT = Issue(
    "IMG-010",
    "The upload of a file stopped in the middle",
    Severity.ERROR,
    "The bytes of a file ended too early, were too many, or did not come for a minute. What came "
    "of the file has been removed.",
    "Publish again: files that came whole are not uploaded again.",
)
LINE_TOO_LONG = Issue(
    "IMG-011",
    "The kernel command line is too long",
    Severity.ERROR,
    "The arguments of the image, of the profile and of Bearman have more than 2,047 characters "
    "together, which is all that the kernel reads. Signed addresses are long.",
    "Shorten the kernel command line of the profile or of the image, BEARMAN_STAGE_ONE_APPEND or "
    "BEARMAN_PUBLIC_URL.",
)
