"""Who signs the certificates of the tests? An authority that only they trust."""

import datetime
import pathlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Authority:
    """A CA of the test's own, which gives a certificate for the names it is asked for."""

    def __init__(self, folder: pathlib.Path):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.file = folder / "ca.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a CA of the tests")])
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        self.file.write_bytes(self._signed(self._name, self._key, constraints, critical=True))

    def server(self, name: str) -> ssl.SSLContext:
        """A server that shows a certificate for this DNS name."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        encoding = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file = self.folder / "server.pem"
        file.write_bytes(key.private_bytes(*encoding) + self._signed(x509.Name([]), key, names, critical=True))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(self, subject, key, extension, critical: bool) -> bytes:
        now = datetime.datetime.now(datetime.timezone.utc)
        hour = datetime.timedelta(hours=1)
        certificate = (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - hour)
            .not_valid_after(now + hour)
            .add_extension(extension, critical)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)
