"""Python with Flask:  PORT=4004 python3 app.py   (apt install python3-flask, or pip install flask)"""

import os

from flask import Flask, make_response, request
from markupsafe import escape

app = Flask(__name__)


@app.get("/search")
def search():
    return f"nothing found for {escape(request.args.get('q', ''))}\n"


@app.post("/login")
def login():
    if request.form.get("password") != "correct horse":
        return "wrong name or password\n", 401
    return "welcome\n"


@app.post("/upload")
def upload():
    return f"{len(request.get_data())} bytes\n", 201


@app.post("/checkout")
def checkout():
    response = make_response("ordered\n")
    # The whole SDK: who tries a coupon that only the application knows to be abused?
    if request.form.get("coupon") == "STOLEN":
        response.headers.add("x-user-risk-event", "checkout.abuse; severity=high")
    return response


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ.get("PORT", 4004)))
