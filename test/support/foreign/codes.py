import json, pyotp, hashlib
from passlib.totp import TOTP
at=1795946400
out=[]
for alg,dig,per,h in [('SHA1',6,30,hashlib.sha1),('SHA256',6,30,hashlib.sha256),('SHA512',8,60,hashlib.sha512)]:
    s=pyotp.random_base32(); t=pyotp.TOTP(s,digits=dig,digest=h,interval=per)
    out.append(dict(made_by='pyotp',secret=s,encoding='base32',algorithm=alg,digits=dig,period=per,at=at*1000,code=t.at(at)))
for alg,dig in [('sha1',6),('sha256',8)]:
    t=TOTP.new(alg=alg,digits=dig)
    out.append(dict(made_by='passlib.totp',secret=t.hex_key,encoding='hex',algorithm=alg.upper(),digits=dig,period=30,at=at*1000,code=t.generate(at).token))
print(json.dumps(out,indent=1))
