"""What is said wherever a stored file is sent: conditions, ranges, and the answers to them."""

from pim.api.openapi.operation import Answer, Content, Parameter
from pim.api.openapi.parameters import IF_NONE_MATCH
from pim.api.openapi.shapes import ANYTHING

DESCRIBING = ("ETag", "Last-Modified", "Cache-Control")

CONDITIONS = (
    IF_NONE_MATCH,
    Parameter("If-Modified-Since", "Send it only if it is newer; counts without If-None-Match", place="header"),
    Parameter("Range", "One part: `bytes=0-1023`. It counts in the encoding that is sent", place="header"),
    Parameter("If-Range", "Send the part only if it is still of these bytes; else the whole", place="header"),
)

FILE_ANSWERS = {
    200: Answer("The whole file", [Content(ANYTHING, "*/*")], (*DESCRIBING, "Accept-Ranges")),
    206: Answer("The part that was asked for", [Content(ANYTHING, "*/*")], (*DESCRIBING, "Content-Range")),
    304: Answer("It is still what the client has", headers=DESCRIBING),
    416: Answer("The range lies beyond the end", headers=("Content-Range",)),
}
