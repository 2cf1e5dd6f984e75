"""What the OpenAPI document says of media files."""

from pim.api.openapi.answers import sends, sends_page, writes
from pim.api.openapi.files import CONDITIONS, FILE_ANSWERS
from pim.api.openapi.operation import TEXT, Answer, Content, Operation
from pim.api.openapi.parameters import PAGING, in_path
from pim.api.openapi.shapes import INSTANT, INTEGER, a_ref, an_object, or_null
from pim.api.openapi.wording import ASSETS, MEDIA_FILES, REFERENCE_ENTITIES

_CODE = in_path(
    "code",
    "The code of the media file, with its slashes",
    "d/b/a/b/dbab082b767205bd9a2ca5c2df11c62b44bbab75_tente_bivouac_green.png",
)

_SHAPE = an_object(
    {
        "_links": a_ref("Links"),
        "code": TEXT,
        "original_filename": TEXT,
        "mime_type": TEXT,
        "size": {**INTEGER, "description": "In bytes"},
        "extension": TEXT,
        "created": INSTANT,
    }
)

_PLACE = {"attribute": TEXT, "locale": or_null(TEXT), "scope": or_null(TEXT)}

_FILE = {"description": "The bytes, with their file name", "type": "string", "format": "binary"}

_UPLOADED = {
    "type": "object",
    "properties": {
        "file": _FILE,
        "product": {
            "description": "JSON: which value of which product holds it",
            **an_object({"identifier": TEXT, "uuid": TEXT, **_PLACE}, ("identifier", "uuid", "locale", "scope")),
        },
        "product_model": {
            "description": "JSON: which value of which product model holds it",
            **an_object({"code": TEXT, **_PLACE}, ("locale", "scope")),
        },
    },
    "required": ["file"],
    "oneOf": [{"required": ["product"]}, {"required": ["product_model"]}],
}

UPLOAD = Operation(
    id="uploadMediaFile",
    tag=MEDIA_FILES,
    summary="Upload a file",
    description="Together with the value that holds it, in one changeset: a refused value keeps no file.",
    body=[Content(_UPLOADED, "multipart/form-data")],
    answers={201: writes("Kept; `Location` ends with the file's code")},
    errors=(404,),
)

LIST = Operation(
    id="listMediaFiles",
    tag=MEDIA_FILES,
    summary="List media files",
    parameters=PAGING,
    answers={200: sends_page(_SHAPE, "A page of media files")},
    errors=(422,),
)

GET = Operation(
    id="getMediaFile",
    tag=MEDIA_FILES,
    summary="Get a media file",
    description="What is known of it. Its bytes are behind `_links.download`.",
    path="/media-files/{code}",
    parameters=[_CODE],
    answers={200: sends(_SHAPE, "The media file")},
    errors=(404,),
)

DOWNLOAD_FILE = Operation(
    id="downloadMediaFile",
    tag=MEDIA_FILES,
    summary="Download a media file",
    path="/media-files/{code}/download",
    parameters=[_CODE, *CONDITIONS],
    answers=FILE_ANSWERS,
    errors=(404,),
)


def file_operations(path: str, owner_kind: str, code_header: str) -> tuple[Operation, Operation]:
    """Upload and download of what records of reference entities, or assets, hold."""
    whose = "Asset" if owner_kind == "asset_family" else "ReferenceEntity"
    tag = ASSETS if owner_kind == "asset_family" else REFERENCE_ENTITIES
    form = {"type": "object", "properties": {"file": _FILE}, "required": ["file"]}
    upload = Operation(
        id=f"upload{whose}MediaFile",
        tag=tag,
        summary="Upload a file",
        description="Kept under a code that a value may name afterwards.",
        body=[Content(form, "multipart/form-data")],
        answers={201: Answer("Kept; both headers name its code", headers=["Location", code_header])},
    )
    download = Operation(
        id=f"download{whose}MediaFile",
        tag=tag,
        summary="Download a file",
        path=path + "/{code}",
        parameters=[_CODE, *CONDITIONS],
        answers=FILE_ANSWERS,
        errors=(404,),
    )
    return upload, download
