<?php
$out = [];
foreach (['fiets lantaarn', 'Wachtwoord ëé €', str_repeat('lang ', 20), 'x'] as $i => $p) {
  $out[] = ['made_by' => 'PHP password_hash bcrypt', 'password' => $p, 'hash' => password_hash($p, PASSWORD_BCRYPT, ['cost' => [10, 8, 6, 12][$i]])];
}
if (defined('PASSWORD_ARGON2ID')) {
  $out[] = ['made_by' => 'PHP argon2id', 'password' => 'argon van php', 'hash' => password_hash('argon van php', PASSWORD_ARGON2ID)];
  $out[] = ['made_by' => 'PHP argon2i', 'password' => 'argon van php', 'hash' => password_hash('argon van php', PASSWORD_ARGON2I, ['memory_cost'=>8192,'time_cost'=>3])];
}
$out[] = ['made_by' => 'PHP crypt $2a$', 'password' => 'oude php', 'hash' => crypt('oude php', '$2a$06$abcdefghijklmnopqrstuu')];
echo json_encode($out, JSON_PRETTY_PRINT|JSON_UNESCAPED_UNICODE|JSON_UNESCAPED_SLASHES);
