@echo off
rem Starts Maloca on Windows. Builds it first if its jars are missing; after changing sources, run
rem "mvn -Dquick -DskipTests package". MALOCA_JAVA_OPTS adds flags for the JVM.
setlocal
set "ROOT=%~dp0"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"

"%JAVA%" --version >nul 2>nul
if errorlevel 1 goto nojdk
for /f "tokens=2 delims=. " %%v in ('"%JAVA%" --version') do (
  set "MAJOR=%%v"
  goto known
)
:known
if %MAJOR% LSS 25 goto nojdk

if exist "%ROOT%cli\target\maloca.jar" goto start
echo maloca: building Maloca ... 1>&2
call mvn -q -B -ntp -Dquick -DskipTests -f "%ROOT%pom.xml" -pl cli -am package 1>&2
if errorlevel 1 exit /b 1

:start
"%JAVA%" --add-exports java.base/jdk.internal.misc=ALL-UNNAMED --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -Xms32m -XX:MaxNewSize=16m %MALOCA_JAVA_OPTS% -jar "%ROOT%cli\target\maloca.jar" %*
exit /b %ERRORLEVEL%

:nojdk
echo maloca: no JDK 25 or newer found: install one (https://adoptium.net) and set JAVA_HOME to it 1>&2
exit /b 1
