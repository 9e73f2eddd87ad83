<?php
// PHP without a framework:  php -S 127.0.0.1:4003 index.php   (apt install php-cli)
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($path === '/search') {
    echo 'nothing found for ', htmlspecialchars((string) ($_GET['q'] ?? '')), "\n";
} elseif ($path === '/login') {
    $known = ($_POST['password'] ?? '') === 'correct horse';
    http_response_code($known ? 200 : 401);
    echo $known ? "welcome\n" : "wrong name or password\n";
} elseif ($path === '/upload') {
    http_response_code(201);
    $files = array_sum(array_map(fn ($file) => $file['size'], $_FILES));
    echo $files + strlen(file_get_contents('php://input')), " bytes\n";
} elseif ($path === '/checkout') {
    // The whole SDK: who tries a coupon that only the application knows to be abused?
    if (($_POST['coupon'] ?? '') === 'STOLEN') header('x-user-risk-event: checkout.abuse; severity=high', false);
    echo "ordered\n";
} else {
    http_response_code(404);
}
