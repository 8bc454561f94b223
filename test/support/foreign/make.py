import json, os, hashlib, base64
out=[]
def add(by,p,h): out.append(dict(made_by=by,password=p,hash=h))
from passlib import hash as H
P='fiets lantaarn ëé'
add('passlib bcrypt',P,H.bcrypt.using(rounds=6).hash(P))
add('passlib bcrypt 2a',P,H.bcrypt.using(rounds=6,ident='2a').hash(P))
add('passlib bcrypt 2y',P,H.bcrypt.using(rounds=6,ident='2y').hash(P))
add('passlib bcrypt_sha256',P,H.bcrypt_sha256.using(rounds=6).hash(P))
add('passlib bcrypt_sha256 v1',P,H.bcrypt_sha256.using(rounds=6,version=1).hash(P))
add('passlib pbkdf2_sha1',P,H.pbkdf2_sha1.using(rounds=20000).hash(P))
add('passlib pbkdf2_sha256',P,H.pbkdf2_sha256.using(rounds=29000).hash(P))
add('passlib pbkdf2_sha512',P,H.pbkdf2_sha512.using(rounds=25000).hash(P))
add('passlib scrypt',P,H.scrypt.using(rounds=14).hash(P))
add('passlib argon2',P,H.argon2.using(memory_cost=8192,rounds=2).hash(P))
add('passlib argon2i',P,H.argon2.using(memory_cost=8192,rounds=2,type='I').hash(P))
add('passlib argon2d',P,H.argon2.using(memory_cost=8192,rounds=2,type='D').hash(P))
import argon2
add('argon2-cffi id',P,argon2.PasswordHasher().hash(P))
add('argon2-cffi id, version 16',P,argon2.low_level.hash_secret(P.encode(),b'0123456789abcdef',2,8192,1,32,argon2.low_level.Type.ID,version=16).decode())
import bcrypt
add('pyca bcrypt',P,bcrypt.hashpw(P.encode(),bcrypt.gensalt(6)).decode())
import django; from django.conf import settings
settings.configure(PASSWORD_HASHERS=['django.contrib.auth.hashers.'+n for n in ['PBKDF2PasswordHasher','PBKDF2SHA1PasswordHasher','Argon2PasswordHasher','BCryptSHA256PasswordHasher','BCryptPasswordHasher','ScryptPasswordHasher','MD5PasswordHasher']])
django.setup()
from django.contrib.auth.hashers import make_password
D='Django wachtwoord €'
for n in ['pbkdf2_sha256','pbkdf2_sha1','argon2','bcrypt_sha256','bcrypt','scrypt']:
    add('Django '+django.__version__+' '+n,D,make_password(D,hasher=n))
W='zwak'
add('Django md5 (weak)',W,make_password(W,hasher='md5'))
add('Django sha1 (weak, of before 2012)',W,'sha1$abcdefgh$'+hashlib.sha1(b'abcdefgh'+W.encode()).hexdigest())
print(json.dumps(out,indent=1,ensure_ascii=False))
