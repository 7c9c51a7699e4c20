# bom
x = 1  # crlf


def f():
	if x:
		return """a
	b"""  # tab
  	
	# t

y = f"""{
  x
}
"""
z = "a\
b"