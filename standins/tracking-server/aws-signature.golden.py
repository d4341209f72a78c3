"""The signatures that botocore makes: python3 aws-signature.golden.py > aws-signature.golden.json (botocore 1.44.5)."""
import datetime, json
from unittest import mock
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AT = datetime.datetime(2018, 3, 28, 14, 30, 0, tzinfo=datetime.timezone.utc)
CASES = [
    ("GET", "https://s3.eu-central-1.amazonaws.com/models?list-type=2&prefix=desk%2Fa%20b%2F&delimiter=%2F&encoding-type=url", {}, "", None),
    ("GET", "http://127.0.0.1:9000/models/desk/50%25%20of%20%C3%BC%21%27%28%29%2A.txt", {"range": "bytes=0-9"}, "", None),
    ("PUT", "https://s3.eu-central-1.amazonaws.com/models/desk/w.bin?partNumber=2&uploadId=a%2Bb%2Fc%3D", {}, "weights", "session"),
    ("POST", "https://s3.eu-central-1.amazonaws.com/models/desk/w.bin?uploads=", {"content-type": "text/plain"}, "", None),
]
out = []
for method, url, headers, body, token in CASES:
    request = AWSRequest(method=method, url=url, headers=dict(headers), data=body.encode())
    with mock.patch("botocore.auth.get_current_datetime", return_value=AT.replace(tzinfo=None)):
        S3SigV4Auth(Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token), "s3", "eu-central-1").add_auth(request)
    out.append(dict(method=method, url=url, headers=headers, body=body, sessionToken=token, authorization=request.headers["Authorization"]))
print(json.dumps(out, indent=2))
