"""Reviews and comments over REST."""

from __future__ import annotations

from aiohttp import web

from sandbox.github.errors import invalid, not_found
from sandbox.github.http import GithubCall, Route, answer, paged
from sandbox.github.model import Review
from sandbox.github.rest_pulls import PULL, REPO

ISSUE = f"{REPO}/issues/{{number}}"
COMMENT = f"{REPO}/issues/comments/{{comment}}"


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", f"{PULL}/reviews", reviews),
        ("POST", f"{PULL}/reviews", create_review),
        ("GET", f"{PULL}/reviews/{{review}}", review),
        ("POST", f"{PULL}/reviews/{{review}}/events", submit_review),
        ("PUT", f"{PULL}/reviews/{{review}}/dismissals", dismiss_review),
        ("GET", f"{PULL}/comments", remarks),
        ("POST", f"{PULL}/comments", create_remark),
        ("POST", f"{PULL}/comments/{{comment}}/replies", reply),
        ("GET", ISSUE, issue),
        ("GET", f"{ISSUE}/comments", comments),
        ("POST", f"{ISSUE}/comments", create_comment),
        ("GET", COMMENT, comment),
        ("PATCH", COMMENT, edit_comment),
        ("DELETE", COMMENT, delete_comment),
    ]


def _visible(call: GithubCall, review: Review) -> bool:
    return review.state != "PENDING" or review.author is call.actor


async def reviews(call: GithubCall) -> web.Response:
    """List reviews, oldest first."""
    pull = call.pull()
    page, headers = paged(call, [review for review in pull.reviews if _visible(call, review)])
    return answer([call.render.review(pull, review) for review in page], headers=headers)


async def create_review(call: GithubCall) -> web.Response:
    """Review; without an event the review is pending."""
    pull = call.pull()
    made = call.state.review(call.actor, pull, call.text("event") or None, call.text("body"))
    return answer(call.render.review(pull, made))


async def review(call: GithubCall) -> web.Response:
    """Read a review."""
    pull = call.pull()
    found = call.state.review_of(pull, call.number("review"))
    if not _visible(call, found):
        raise not_found()
    return answer(call.render.review(pull, found))


async def submit_review(call: GithubCall) -> web.Response:
    """Submit a pending review."""
    pull = call.pull()
    found = call.state.review_of(pull, call.number("review"))
    call.state.submit(call.actor, pull, found, call.text("event"), call.text("body"))
    return answer(call.render.review(pull, found))


async def dismiss_review(call: GithubCall) -> web.Response:
    """Dismiss a review."""
    pull = call.pull()
    found = call.state.review_of(pull, call.number("review"))
    call.state.dismiss(call.actor, pull, found, call.text("message"))
    return answer(call.render.review(pull, found))


async def remarks(call: GithubCall) -> web.Response:
    """List comments at lines."""
    pull = call.pull()
    page, headers = paged(call, pull.review_comments)
    return answer([call.render.remark(pull, remark) for remark in page], headers=headers)


async def create_remark(call: GithubCall) -> web.Response:
    """Comment at a line, or reply with `in_reply_to`."""
    pull, body = call.pull(), call.object()
    reply_to, line = body.get("in_reply_to"), body.get("line", 1)
    if not isinstance(line, int) or not isinstance(reply_to, int | None):
        raise invalid("PullRequestReviewComment", "line", "invalid")
    made = call.state.remark(call.actor, pull, call.text("body"), path=call.text("path"), line=line, reply_to=reply_to)
    return answer(call.render.remark(pull, made), 201)


async def reply(call: GithubCall) -> web.Response:
    """Reply to a comment at a line."""
    pull = call.pull()
    made = call.state.remark(call.actor, pull, call.text("body"), reply_to=call.number("comment"))
    return answer(call.render.remark(pull, made), 201)


async def issue(call: GithubCall) -> web.Response:
    """Read a pull request as an issue."""
    return answer(call.render.issue(call.pull()))


async def comments(call: GithubCall) -> web.Response:
    """List the conversation, oldest first."""
    pull = call.pull()
    found = pull.comments
    if since := call.request.query.get("since", ""):
        found = [c for c in found if c.updated.strftime("%Y-%m-%dT%H:%M:%SZ") >= since]
    page, headers = paged(call, found)
    return answer([call.render.comment(pull, comment) for comment in page], headers=headers)


async def create_comment(call: GithubCall) -> web.Response:
    """Comment."""
    pull = call.pull()
    return answer(call.render.comment(pull, call.state.comment(call.actor, pull, call.text("body"))), 201)


async def comment(call: GithubCall) -> web.Response:
    """Read a comment."""
    return answer(call.render.comment(*call.state.comment_of(call.full_name, call.number("comment"))))


async def edit_comment(call: GithubCall) -> web.Response:
    """Change a comment."""
    pull, found = call.state.comment_of(call.full_name, call.number("comment"))
    call.state.edit_comment(call.actor, pull, found, call.text("body"))
    return answer(call.render.comment(pull, found))


async def delete_comment(call: GithubCall) -> web.Response:
    """Delete a comment."""
    pull, found = call.state.comment_of(call.full_name, call.number("comment"))
    call.state.delete_comment(call.actor, pull, found)
    return web.Response(status=204)
