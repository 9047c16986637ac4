<?php
// PHP's own streams against the API, as many small scripts use them; prints what it saw as one line of JSON.

function ask($verb, $path, $body = null, $type = 'application/json')
{
    $headers = ['Authorization: Basic ' . base64_encode(getenv('PAYMO_KEY') . ':x'), 'Accept: application/json'];
    if ($body !== null) {
        $headers[] = 'Content-Type: ' . $type;
    }
    $http = ['method' => $verb, 'header' => $headers, 'content' => $body, 'ignore_errors' => true];
    $answer = file_get_contents(getenv('PAYMO_URL') . $path, false, stream_context_create(['http' => $http]));
    return ['status' => (int) explode(' ', $http_response_header[0])[1], 'data' => json_decode($answer, true)];
}

$seen = ['me' => ask('GET', 'me')['data']['users'][0]['email']];

$items = [['item' => 'Design', 'price_unit' => 90, 'quantity' => 2], ['item' => 'Print', 'price_unit' => 10.5, 'quantity' => 4]];
$estimate = ['client_id' => 151303, 'currency' => 'EUR', 'items' => $items];
$form = 'application/x-www-form-urlencoded';
$made = ask('POST', 'estimates?include=*,estimateitems', http_build_query($estimate), $form);
$seen['form'] = [$made['status'], $made['data']['estimates'][0]['total'], count($made['data']['estimates'][0]['estimateitems'])];

$made = ask('POST', 'estimates', json_encode($estimate));
$seen['json'] = [$made['status'], $made['data']['estimates'][0]['total']];

$report = ['type' => 'temp', 'date_interval' => 'all_time', 'users' => 'all', 'include' => ['users' => true, 'days' => false]];
$made = ask('POST', 'reports', http_build_query($report), $form);
$seen['report'] = array_values(array_unique(array_column($made['data']['reports'][0]['content']['items'], 'type')));

$xml = '<?xml version="1.0" encoding="ISO-8859-1"?><request><name>' . "Caf\xe9" . '</name></request>';
$seen['xml'] = ask('POST', 'clients', $xml, 'text/xml')['data']['clients'][0]['name'];

$boundary = '----' . bin2hex(random_bytes(8));
$body = "--$boundary\r\nContent-Disposition: form-data; name=\"image\"; filename=\"logo.png\"\r\nContent-Type: image/png\r\n\r\n"
    . file_get_contents('logo.png') . "\r\n--$boundary--\r\n";
$seen['image'] = ask('POST', 'clients/151303', $body, "multipart/form-data; boundary=$boundary")['data']['clients'][0]['image'] !== null;

$where = rawurlencode('client_id=151303 and time_interval in ("2014-12-01T00:00:00Z","2015-01-01T00:00:00Z")');
$seen['entries'] = count(ask('GET', "entries?where=$where")['data']['entries']);

$seen['deleted'] = ask('DELETE', 'estimates/' . $made['data']['reports'][0]['id'])['status'];
echo json_encode($seen);
