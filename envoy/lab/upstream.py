"""What does the protected application receive, and how does it answer?"""

from .wire import Answer, Request, Server


class Upstream(Server):
    """An application that accepts everything. /status/404 and the like answer with that status, paths in `answers` as given there."""

    def __init__(self, *arguments, **options):
        #: By path, with its query.
        self.answers: dict[str, Answer] = {}
        super().__init__(*arguments, **options)

    def answer(self, request: Request) -> Answer:
        if given := self.answers.get(request.path):
            return given
        first, _, rest = request.path.lstrip("/").partition("/")
        if first == "status" and rest[:3].isdigit():
            return Answer(int(rest[:3]), b"as you wish\n")
        return Answer(200, b"fine\n")

    def got(self, request_path: str) -> Request:
        """The newest request of that path; tests use paths of their own."""
        return next(request for request in reversed(self.requests) if request.path == request_path)
