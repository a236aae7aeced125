extension: breathe
use: the XML that doxygen has written

-- docs/conf.py --
project = 'kettle'
extensions = ['breathe']
breathe_projects = {'kettle': '../xml'}
breathe_default_project = 'kettle'
-- docs/index.rst --
Kettle
======

.. doxygenfunction:: boil

.. toctree::

   lid
-- docs/lid.rst --
Lid
===

.. doxygenstruct:: Lid
   :members:
-- xml/index.xml --
<?xml version='1.0' encoding='UTF-8' standalone='no'?>
<doxygenindex version="1.9.4" xml:lang="en-US">
  <compound refid="structLid" kind="struct"><name>Lid</name>
    <member refid="structLid_1a1" kind="variable"><name>closed</name></member>
  </compound>
  <compound refid="kettle_8h" kind="file"><name>kettle.h</name>
    <member refid="kettle_8h_1a2" kind="function"><name>boil</name></member>
  </compound>
</doxygenindex>
-- xml/structLid.xml --
<?xml version='1.0' encoding='UTF-8' standalone='no'?>
<doxygen version="1.9.4" xml:lang="en-US">
  <compounddef id="structLid" kind="struct" language="C++" prot="public">
    <compoundname>Lid</compoundname>
    <includes refid="kettle_8h" local="no">kettle.h</includes>
    <sectiondef kind="public-attrib">
      <memberdef kind="variable" id="structLid_1a1" prot="public" static="no" mutable="no">
        <type>int</type>
        <definition>int Lid::closed</definition>
        <argsstring></argsstring>
        <name>closed</name>
        <briefdescription><para>Whether it is. </para></briefdescription>
        <detaileddescription></detaileddescription>
        <inbodydescription></inbodydescription>
        <location file="kettle.h" line="3" column="1"/>
      </memberdef>
    </sectiondef>
    <briefdescription><para>Keeps the steam in. </para></briefdescription>
    <detaileddescription></detaileddescription>
    <location file="kettle.h" line="2" column="1"/>
  </compounddef>
</doxygen>
-- xml/kettle_8h.xml --
<?xml version='1.0' encoding='UTF-8' standalone='no'?>
<doxygen version="1.9.4" xml:lang="en-US">
  <compounddef id="kettle_8h" kind="file" language="C++">
    <compoundname>kettle.h</compoundname>
    <innerclass refid="structLid" prot="public">Lid</innerclass>
    <sectiondef kind="func">
      <memberdef kind="function" id="kettle_8h_1a2" prot="public" static="no" const="no" explicit="no" inline="no" virt="non-virtual">
        <type>int</type>
        <definition>int boil</definition>
        <argsstring>(int litres)</argsstring>
        <name>boil</name>
        <param><type>int</type><declname>litres</declname></param>
        <briefdescription><para>Boil some water. </para></briefdescription>
        <detaileddescription></detaileddescription>
        <inbodydescription></inbodydescription>
        <location file="kettle.h" line="6" column="5"/>
      </memberdef>
    </sectiondef>
    <briefdescription></briefdescription>
    <detaileddescription></detaileddescription>
    <location file="kettle.h"/>
  </compounddef>
</doxygen>
-- edit: doxygen has run again: a description --
-- replace xml/kettle_8h.xml --
Boil some water.
=>
Boil a little water.
-- edit: doxygen has run again: a type --
-- replace xml/structLid.xml --
<type>int</type>
=>
<type>bool</type>
-- replace xml/structLid.xml --
int Lid::closed
=>
bool Lid::closed
-- edit: text of a page --
-- replace docs/lid.rst --
Lid
===
=>
Lid
===

Round.
-- edit: a function that is not there --
-- replace docs/index.rst --
.. doxygenfunction:: boil
=>
.. doxygenfunction:: boil

.. doxygenfunction:: freeze
